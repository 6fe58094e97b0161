import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';

/** The actions of links in mails. The token identifies the user, who need not be signed in. */
@Service()
export class MailLinksClient {
  readonly #http = inject(HttpClient);

  async verifyEmail(token: string): Promise<void> {
    await firstValueFrom(this.#http.post('/api/email-verifications', { token }));
  }

  async unsubscribe(token: string): Promise<void> {
    await firstValueFrom(this.#http.post('/api/unsubscriptions', { token }));
  }

  /** `account` is a phone or a mail address. The answer does not say whether there is one. */
  async requestPasswordReset(account: string): Promise<void> {
    await firstValueFrom(this.#http.post('/api/password-resets', { account }));
  }

  async resetPassword(token: string, password: string): Promise<void> {
    await firstValueFrom(this.#http.put('/api/password-resets', { token, password }));
  }
}
