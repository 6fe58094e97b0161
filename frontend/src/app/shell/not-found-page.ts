import { Component } from '@angular/core';
import { NotFound } from '../ui/not-found';

@Component({
  selector: 'mq-not-found-page',
  imports: [NotFound],
  template: `<mq-not-found />`,
})
export class NotFoundPage {}
