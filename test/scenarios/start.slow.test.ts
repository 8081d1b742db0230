// The same, with every way in which a start is refused.
import './start.test.ts';
