import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GeoPoint, Place } from '../ports.ts';
import { distanceKm, impossibleJourney } from './travel.ts';

const at = (latitude: number, longitude: number, accuracyKm = 0): GeoPoint => ({
  latitude,
  longitude,
  accuracyKm,
});
const BERLIN = at(52.52, 13.405);
const PARIS = at(48.8566, 2.3522);
const NEW_YORK = at(40.7128, -74.006);
const SYDNEY = at(-33.8688, 151.2093);
const HALF_ROUND_KM = Math.PI * 6_371.0088;
const point = fc
  .tuple(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }))
  .map(([latitude, longitude]) => at(latitude, longitude));

/** The same angle by vectors, which is computed in quite another way. */
function byVectors(a: GeoPoint, b: GeoPoint): number {
  const vector = ({ latitude, longitude }: GeoPoint): readonly [number, number, number] => {
    const [phi, lambda] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
  };
  const [[ax, ay, az], [bx, by, bz]] = [vector(a), vector(b)];
  const cross = Math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx);
  return 6_371.0088 * Math.atan2(cross, ax * bx + ay * by + az * bz);
}

describe('the way between two points', () => {
  it.each([
    [BERLIN, PARIS, 878],
    [BERLIN, NEW_YORK, 6_385],
    [NEW_YORK, SYDNEY, 15_989],
    [at(0, 179.9), at(0, -179.9), 22],
    [at(90, 0), at(-90, 77), 20_015],
  ])('is what atlases say', (a, b, km) => {
    expect(Math.abs(distanceKm(a, b) - km)).toBeLessThan(km * 0.005 + 0.5);
  });

  it('is the same both ways and by vectors, none to oneself, and never beyond half round the earth', () => {
    fc.assert(
      fc.property(point, point, (a, b) => {
        const km = distanceKm(a, b);
        expect(km).toBeCloseTo(distanceKm(b, a), 6);
        expect(Math.abs(km - byVectors(a, b))).toBeLessThan(0.01);
        expect(km).toBeLessThanOrEqual(HALF_ROUND_KM + 1e-6);
        expect(distanceKm(a, a)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('is never longer than the way over a third point, and heeds no turn of the earth', () => {
    fc.assert(
      fc.property(point, point, point, fc.double({ min: -360, max: 360, noNaN: true }), (a, b, c, turn) => {
        // Near opposite points a rounding is worth metres.
        expect(distanceKm(a, b)).toBeLessThanOrEqual(distanceKm(a, c) + distanceKm(c, b) + 0.01);
        const turned = (one: GeoPoint): GeoPoint => at(one.latitude, one.longitude + turn);
        expect(Math.abs(distanceKm(turned(a), turned(b)) - distanceKm(a, b))).toBeLessThan(0.01);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a journey that nobody makes', () => {
  const HOUR_MS = 3_600_000;
  const place = (of: GeoPoint, over: Partial<Place> = {}): Place => ({ country: 'DE', point: of, ...over });
  const judge = (from: Place | undefined, to: Place | undefined, hours: number) =>
    impossibleJourney({ place: from, atMs: 0 }, { place: to, atMs: hours * HOUR_MS });

  it('is one that is too far for its time', () => {
    expect(judge(place(BERLIN), place(NEW_YORK), 2)).toEqual({
      distanceKm: 6_385,
      minutes: 120,
      kmPerHour: 3_193,
    });
    expect(judge(place(BERLIN), place(NEW_YORK), 0)).toMatchObject({ minutes: 0 });
  });

  it('is no flight, no neighbouring town, and none that the database may have made up', () => {
    expect(judge(place(BERLIN), place(NEW_YORK), 8)).toBeUndefined();
    expect(judge(place(BERLIN), place(at(50.11, 8.68)), 0)).toBeUndefined();
    expect(judge(place(BERLIN), place(PARIS), 0)).toBeDefined();
    expect(
      judge(place({ ...BERLIN, accuracyKm: 200 }), place({ ...PARIS, accuracyKm: 200 }), 0),
    ).toBeUndefined();
    expect(judge(place({ ...BERLIN, accuracyKm: 1_000 }), place(NEW_YORK), 6.1)).toBeUndefined();
    expect(judge(place(BERLIN), place(NEW_YORK), 6.1)).toBeDefined();
  });

  it('is told of nobody whose place is hidden or unknown', () => {
    expect(judge(place(BERLIN, { hidden: true }), place(NEW_YORK), 1)).toBeUndefined();
    expect(judge(place(BERLIN), place(NEW_YORK, { hidden: true }), 1)).toBeUndefined();
    expect(judge({ country: 'DE' }, place(NEW_YORK), 1)).toBeUndefined();
    expect(judge(place(BERLIN), undefined, 1)).toBeUndefined();
  });

  it('never is one of 500 km, nor one at the speed of an airliner, wherever it leads', () => {
    fc.assert(
      fc.property(point, point, fc.double({ min: 0, max: 72, noNaN: true }), (a, b, hours) => {
        const km = distanceKm(a, b);
        const found = judge(place(a), place(b), hours);
        if (km <= 500 || km <= 900 * hours) expect(found).toBeUndefined();
        else if (hours > 0.01) expect(found).toBeDefined();
      }),
      { numRuns: 1_000 },
    );
  });
});
