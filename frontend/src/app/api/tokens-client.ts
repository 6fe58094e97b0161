import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { NewToken, Token, TokenWithSecret } from './admin-shapes';
import { PagedList, pagedList } from './paged-list';

/** API tokens of programs, and door passes. For admins only. */
@Service()
export class TokensClient {
  readonly #http = inject(HttpClient);

  listAll(): PagedList<Token> {
    return pagedList<Token>(() => ({ url: '/api/tokens' }));
  }

  listOfEvent(eventId: () => string): PagedList<Token> {
    return pagedList<Token>(() => ({ url: '/api/tokens', params: { event_id: eventId() } }));
  }

  /** The only answer that holds the secret. */
  create(token: NewToken): Promise<TokenWithSecret> {
    return firstValueFrom(this.#http.post<TokenWithSecret>('/api/tokens', token));
  }

  /** The only answer that holds the secret. */
  createPass(eventId: string, name: string): Promise<TokenWithSecret> {
    const url = `/api/events/${eventId}/passes`;
    return firstValueFrom(this.#http.post<TokenWithSecret>(url, { name }));
  }

  async revoke(id: number): Promise<void> {
    await firstValueFrom(this.#http.delete(`/api/tokens/${id}`));
  }
}
