import { TestBed } from '@angular/core/testing';
import { sampleBooking, sampleUser } from '../../testing/samples';
import { DeviceBookings } from './device-bookings';

describe('DeviceBookings', () => {
  const device = () => TestBed.inject(DeviceBookings);

  beforeEach(() => {
    localStorage.clear();
    device().belongTo(sampleUser);
    device().keep(sampleBooking);
  });

  it('keeps the owner’s bookings, each once', () => {
    device().keep({ ...sampleBooking, status: 'cancelled' });
    expect(device().all()).toHaveLength(1);
    expect(device().find('42')?.booking.status).toBe('cancelled');
    device().keepOnly([{ ...sampleBooking, id: 43 }]);
    expect(device().find('42')).toBeNull();
  });

  it('keeps nobody else’s bookings', () => {
    device().keepOnly([{ ...sampleBooking, id: 43, user_id: 6 }]);
    expect(device().all()).toEqual([]);
  });

  it.each([[null], [{ ...sampleUser, id: 6 }]])('forgets them when %j signs in', (user) => {
    device().belongTo(user);
    expect(device().all()).toEqual([]);
    expect(device().owner()).toEqual(user);
  });

  it('keeps them when the same person signs in again', () => {
    device().belongTo({ ...sampleUser, name: 'Ana Maria' });
    expect(device().owner()?.name).toBe('Ana Maria');
    expect(device().all()).toHaveLength(1);
  });
});
