// The same, on PostgreSQL too.
import './food.test.ts';
