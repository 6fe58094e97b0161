import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { PhoneReading } from './shapes';

@Service()
export class PhoneReadingsClient {
  readonly #http = inject(HttpClient);

  /** How the server understands a phone number. */
  read(phone: string): Promise<PhoneReading> {
    return firstValueFrom(this.#http.post<PhoneReading>('/api/phone-readings', { phone }));
  }
}
