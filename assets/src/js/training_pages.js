// Lessons and rooms bring a clock and a player; other pages need neither of their scripts.
if (document.querySelector('study-clock, stream-player')) {
  import('./study_clock.js');
  import('./stream_player.js');
}
