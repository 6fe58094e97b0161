import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { PasswordCode } from './admin-shapes';

/** Codes with which users choose a password. An admin makes one and shows it. */
@Service()
export class PasswordCodesClient {
  readonly #http = inject(HttpClient);

  /** The code is in this answer only. An earlier one ends. */
  make(userId: number): Promise<PasswordCode> {
    return firstValueFrom(
      this.#http.post<PasswordCode>(`/api/users/${userId}/password-code`, null),
    );
  }

  /** `account` is a phone or a verified mail address. */
  async use(account: string, code: string, password: string): Promise<void> {
    await firstValueFrom(this.#http.put('/api/password-codes', { account, code, password }));
  }
}
