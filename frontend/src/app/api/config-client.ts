import { httpResource, HttpResourceRef } from '@angular/common/http';
import { Service } from '@angular/core';
import { Config } from './shapes';

@Service()
export class ConfigClient {
  find(): HttpResourceRef<Config | undefined> {
    return httpResource<Config>(() => '/api/config');
  }
}
