// The same attacks on PostgreSQL and Redis, and with Redis down (stage.ts).
import './export.test.ts';
