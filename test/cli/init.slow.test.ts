// The same, on every kind of application.
import './init.test.ts';
