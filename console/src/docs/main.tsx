import '../index.css';
