import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { UserAccount, UserPhone } from './admin-shapes';
import { PagedList, pagedList, QueryParams } from './paged-list';
import { EditedUser, NewUser, PhoneCodeSent, User } from './shapes';

@Service()
export class UsersClient {
  readonly #http = inject(HttpClient);

  /** Sends no request while `params` is undefined. */
  list(params: () => QueryParams | undefined): PagedList<UserAccount> {
    return pagedList<UserAccount>(() => {
      const asked = params();
      return asked === undefined ? undefined : { url: '/api/users', params: asked };
    });
  }

  /** For an admin, who needs no code. */
  create(user: NewUser): Promise<UserAccount> {
    return firstValueFrom(this.#http.post<UserAccount>('/api/users', user));
  }

  /** Where codes can be sent, the account is made once the code is entered. */
  signUp(user: NewUser): Promise<UserAccount | PhoneCodeSent> {
    return firstValueFrom(this.#http.post<UserAccount | PhoneCodeSent>('/api/users', user));
  }

  edit(id: number, user: EditedUser): Promise<UserAccount> {
    return firstValueFrom(this.#http.put<UserAccount>(`/api/users/${id}`, user));
  }

  setPhone(id: number, phone: UserPhone): Promise<UserAccount> {
    return firstValueFrom(this.#http.put<UserAccount>(`/api/users/${id}/phone`, phone));
  }

  setDisabled(id: number, disabled: boolean): Promise<UserAccount> {
    return firstValueFrom(this.#http.put<UserAccount>(`/api/users/${id}/disabled`, { disabled }));
  }

  setRole(id: number, role: User['role']): Promise<UserAccount> {
    return firstValueFrom(this.#http.put<UserAccount>(`/api/users/${id}/role`, { role }));
  }

  async resetSecondFactor(id: number): Promise<void> {
    await firstValueFrom(this.#http.delete(`/api/users/${id}/second-factor`));
  }

  async endSessions(id: number): Promise<void> {
    await firstValueFrom(this.#http.delete(`/api/users/${id}/sessions`));
  }

  /** `password` is that of the admin who does it. */
  erase(id: number, password: string): Promise<User> {
    return firstValueFrom(this.#http.post<User>(`/api/users/${id}/erasure`, { password }));
  }
}
