import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { FailingMail, FailingMailPage } from './admin-shapes';
import { PagedList, pagedList } from './paged-list';

/** Mails that could not be sent. */
@Service()
export class MailsClient {
  readonly #http = inject(HttpClient);

  listFailing(): PagedList<FailingMail, FailingMailPage> {
    return pagedList<FailingMail, FailingMailPage>(() => ({
      url: '/api/mails',
      params: { state: 'failing' },
    }));
  }

  async retry(id: number): Promise<void> {
    await firstValueFrom(this.#http.post(`/api/mails/${id}/retry`, null));
  }
}
