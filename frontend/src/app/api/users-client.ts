import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { PagedList, pagedList, QueryParams } from './paged-list';
import { EditedUser, NewUser, User } from './shapes';

@Service()
export class UsersClient {
  readonly #http = inject(HttpClient);

  /** Nothing is asked for while `params` is undefined. */
  list(params: () => QueryParams | undefined): PagedList<User> {
    return pagedList<User>(() => {
      const asked = params();
      return asked === undefined ? undefined : { url: '/api/users', params: asked };
    });
  }

  create(user: NewUser): Promise<User> {
    return firstValueFrom(this.#http.post<User>('/api/users', user));
  }

  edit(id: number, user: EditedUser): Promise<User> {
    return firstValueFrom(this.#http.put<User>(`/api/users/${id}`, user));
  }
}
