import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AccountClient } from '../api/account-client';

/** Where people get everything that is kept about them. */
@Component({
  selector: 'mq-your-data',
  imports: [RouterLink],
  template: `
    <section class="settings" aria-labelledby="data-heading">
      <h2 id="data-heading">Your data</h2>
      <p class="words">
        Everything that is kept about you: your account, your bookings and tickets, what you were
        told, and what was done. The file is for programs, the page is for reading.
      </p>
      <div class="actions">
        <a class="button" routerLink="/account/my-data">Read your data</a>
        <a class="button" [href]="fileUrl" download>Download it as a file</a>
      </div>
    </section>
  `,
  styleUrl: './account-section.css',
})
export class YourData {
  protected readonly fileUrl = inject(AccountClient).exportUrl;
}
