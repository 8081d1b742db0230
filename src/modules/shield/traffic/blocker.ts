/** Who set a block that follows from traffic alone; people and programs have other names (`user:42`). */
export const TRAFFIC_BLOCKER = 'shield.traffic';
