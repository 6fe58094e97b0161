import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { SecondFactor, SecondFactorSetup, Session } from './shapes';

/** The second factor of the person who signs in, and giving the password again. */
@Service()
export class SecondFactorClient {
  readonly #http = inject(HttpClient);

  find(): HttpResourceRef<SecondFactor | undefined> {
    return httpResource<SecondFactor>(() => '/api/account/second-factor');
  }

  /** Finishes a sign-in. `code` is of the authenticator app, or a recovery code. */
  give(code: string): Promise<Session> {
    return firstValueFrom(
      this.#http.post<Session>('/api/sessions/current/second-factor', { code }),
    );
  }

  /** `code` is null where there is no second factor. */
  async confirm(password: string, code: string | null): Promise<void> {
    const given = code === null ? { password } : { password, code };
    await firstValueFrom(this.#http.post('/api/account/confirmations', given));
  }

  beginSetup(): Promise<SecondFactorSetup> {
    return firstValueFrom(this.#http.post<SecondFactorSetup>('/api/account/second-factor', null));
  }

  /** Turns it on with a code of the app, and returns the recovery codes. */
  async enable(code: string): Promise<string[]> {
    const answer = await firstValueFrom(
      this.#http.put<{ recovery_codes: string[] }>('/api/account/second-factor', { code }),
    );
    return answer.recovery_codes;
  }

  async disable(): Promise<void> {
    await firstValueFrom(this.#http.delete('/api/account/second-factor'));
  }

  /** Makes new recovery codes. The earlier ones end. */
  async replaceRecoveryCodes(): Promise<string[]> {
    const answer = await firstValueFrom(
      this.#http.post<{ recovery_codes: string[] }>('/api/account/recovery-codes', null),
    );
    return answer.recovery_codes;
  }
}
