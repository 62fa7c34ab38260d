// Lessons and rooms bring a clock and a player, quizzes options to drag; other pages need none of their scripts.
if (document.querySelector('ordered-options')) import('./ordered_options.js');
if (document.querySelector('study-clock, stream-player')) {
  import('./study_clock.js');
  import('./stream_player.js');
}
