// The same attacks on PostgreSQL and Redis, and with Redis down (stage.ts).
import './blocks.test.ts';
