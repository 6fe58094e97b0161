import { Pipe, PipeTransform } from '@angular/core';
import { isolated } from '../formats/isolated';

/** `{{ event.title | isolated }}`: a text somebody typed, in a template. */
@Pipe({ name: 'isolated' })
export class IsolatedPipe implements PipeTransform {
  readonly transform = isolated;
}
