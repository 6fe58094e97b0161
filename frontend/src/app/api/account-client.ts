import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { Account, AccountExport, PhoneCodeSent, User } from './shapes';

/** The account of the person who is signed in. */
@Service()
export class AccountClient {
  readonly #http = inject(HttpClient);

  /** Where everything that is kept about the person is downloaded as a file. */
  readonly exportUrl = '/api/account/export';

  find(): HttpResourceRef<Account | undefined> {
    return httpResource<Account>(() => '/api/account');
  }

  export(): HttpResourceRef<AccountExport | undefined> {
    return httpResource<AccountExport>(() => this.exportUrl);
  }

  async erase(password: string | null): Promise<void> {
    await firstValueFrom(this.#http.post('/api/account/erasure', { password }));
  }

  setName(name: string): Promise<Account> {
    return firstValueFrom(this.#http.put<Account>('/api/account/name', { name }));
  }

  /** Ends all other sessions. */
  async setPassword(current_password: string, new_password: string): Promise<void> {
    await firstValueFrom(
      this.#http.put('/api/account/password', { current_password, new_password }),
    );
  }

  setEmail(email: string, password: string | null): Promise<Account> {
    return firstValueFrom(this.#http.put<Account>('/api/account/email', { email, password }));
  }

  async removeEmail(): Promise<void> {
    await firstValueFrom(this.#http.delete('/api/account/email'));
  }

  async sendVerification(): Promise<void> {
    await firstValueFrom(this.#http.post('/api/account/email/verifications', null));
  }

  /** Where codes can be sent, the phone is changed once the code is entered. */
  setPhone(phone: string, password: string | null): Promise<Account | PhoneCodeSent> {
    return firstValueFrom(
      this.#http.put<Account | PhoneCodeSent>('/api/account/phone', { phone, password }),
    );
  }

  sendPhoneCode(): Promise<PhoneCodeSent> {
    return firstValueFrom(this.#http.post<PhoneCodeSent>('/api/account/phone/codes', null));
  }

  /** Enters a code; the account that has the phone now is the answer. */
  verifyPhone(token: string, code: string, take_over: boolean): Promise<User> {
    return firstValueFrom(
      this.#http.post<User>('/api/phone-verifications', { token, code, take_over }),
    );
  }

  setOptionalMail(optional_mail: boolean): Promise<Account> {
    return firstValueFrom(this.#http.put<Account>('/api/account/mail', { optional_mail }));
  }
}
