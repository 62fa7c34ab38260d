// The few words that scripts write themselves; everything else comes translated from the server.
const CHINESE = {
  days: ' 天',
  hours: ' 小时',
  minutes: ' 分',
  left: (span) => `剩余 ${span}`,
  over: (span) => `已超时 ${span}`,
  levelSoon: '有时限临近的事项',
  levelUrgent: '有即将到期的事项',
  levelOver: '有事项已超时',
  tooBig: '超过大小上限',
  tooMany: (count) => `最多 ${count} 个文件`,
  remove: (name) => `移除 ${name}`,
  copied: '已复制',
  draftSaved: (time) => `草稿已于 ${time} 保存`,
  draftFailed: '草稿未能保存，请检查网络',
  failed: '请求没有成功，页面内容未变。请稍后再试。',
  confirm: '确认',
  expand: '展开',
  scrollArea: '滚动区',
  navigation: '导航',
  noVideo: '视频暂时无法播放。请检查网络，稍后刷新页面。',
};

const ENGLISH = {
  days: ' d',
  hours: ' h',
  minutes: ' min',
  left: (span) => `${span} left`,
  over: (span) => `${span} overdue`,
  levelSoon: 'A deadline is coming closer',
  levelUrgent: 'A deadline is close',
  levelOver: 'A deadline has passed',
  tooBig: 'over the size limit',
  tooMany: (count) => `at most ${count} files`,
  remove: (name) => `Remove ${name}`,
  copied: 'Copied',
  draftSaved: (time) => `Draft saved ${time}`,
  draftFailed: 'The draft could not be saved. Check your connection.',
  failed: 'That did not work, and nothing on the page has changed. Try again in a moment.',
  confirm: 'Confirm',
  expand: 'Expand',
  scrollArea: 'Scroll area',
  navigation: 'Navigation',
  noVideo: 'The video cannot be played right now. Check your connection and reload the page in a moment.',
};

export const language = document.documentElement.lang || 'en';
export const words = language.startsWith('zh') ? CHINESE : ENGLISH;
