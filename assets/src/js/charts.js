// Draws what <c-chart> wrote as JSON:
//   x: labels (dates) · series: [{name, data}] · kind: "line" or "bar" · unit: "¥" · step, stacked, time: true
//   threshold: {value, beyond: "below" | "above"} · from: the lowest value of the axis, when it is not 0 ("auto": near
//   the lowest price)
//   marks: which series is drawn as red points without a line
// An element around it may set .band = {lowest, highest} on the <chart-box> and say "bandmoved": what lies beyond is shaded.
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import langEN from 'echarts/i18n/langEN-obj.js';
import langZH from 'echarts/i18n/langZH-obj.js';
import { SVGRenderer } from 'echarts/renderers';
import { language } from './words.js';

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent]);
echarts.use([TooltipComponent, SVGRenderer]);
echarts.registerLocale('ZH', langZH);
echarts.registerLocale('EN', langEN);

const DATE = /^\d{4}-(\d\d-\d\d)$/;
const DASHES = ['solid', [5, 3], [2, 3]];

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function colours() {
  return {
    ink: token('--ink'),
    label: token('--ink-3'),
    legend: token('--ink-2'),
    line: token('--line'),
    surface: token('--surface'),
    bad: token('--bad'),
    series: [token('--brand'), token('--chart-2'), token('--chart-3')],
  };
}

function number(value, unit = '') {
  const isMoney = unit && unit !== '%';
  const least = isMoney && !Number.isInteger(value) ? 2 : 0;
  const text = new Intl.NumberFormat(language, { minimumFractionDigits: least, maximumFractionDigits: 2 }).format(value);
  return unit === '%' ? `${text}%` : `${unit}${text}`;
}

function isBeyond(threshold, value) {
  return threshold.beyond === 'above' ? value > threshold.value : value < threshold.value;
}

function isOutside(band, value) {
  return (band.lowest !== null && value < band.lowest) || (band.highest !== null && value > band.highest);
}

function lines(chart, paint, values) {
  return {
    silent: true,
    symbol: 'none',
    animation: false,
    lineStyle: { color: paint.bad, type: [6, 4], width: 1.5 },
    label: {
      formatter: (line) => number(line.value, chart.unit),
      color: paint.bad,
      fontWeight: 600,
      position: 'insideEndTop',
    },
    data: values.map((value) => ({ yAxis: value })),
  };
}

function marksOf(chart, paint) {
  const band = chart.band;
  if (!band) return chart.threshold ? { markLine: lines(chart, paint, [chart.threshold.value]) } : {};
  const ends = [band.lowest, band.highest].filter((value) => value !== null);
  const shaded = [];
  if (band.lowest !== null) shaded.push([{ yAxis: 0 }, { yAxis: band.lowest }]);
  if (band.highest !== null) shaded.push([{ yAxis: band.highest }, { yAxis: 1e12 }]);
  const area = { silent: true, animation: false, itemStyle: { color: paint.bad, opacity: 0.07 }, data: shaded };
  return { markLine: lines(chart, paint, ends), markArea: area };
}

function isMarked(chart, value) {
  return chart.band ? isOutside(chart.band, value) : isBeyond(chart.threshold, value);
}

function valueOf(point) {
  return Array.isArray(point) ? point[1] : point;
}

function seriesOf(chart, paint) {
  const alone = chart.series.length === 1;
  return chart.series.map((series, index) => {
    const colour = paint.series[index];
    const marked = index === 0 && Boolean(chart.threshold || chart.band);
    const isLone = series.data.length === 1; // a line through one point is not seen
    return {
      type: chart.kind || 'line',
      name: series.name,
      data: chart.time ? series.data.map((value, at) => [chart.x[at], value]) : series.data,
      step: chart.step ? 'end' : false,
      stack: chart.stacked ? 'all' : undefined,
      barMaxWidth: 28,
      symbol: marked || isLone || index === chart.marks ? 'circle' : 'none',
      symbolSize: 6,
      lineStyle: { width: index === chart.marks ? 0 : 2, type: DASHES[index], color: colour },
      areaStyle: alone && !marked && chart.kind !== 'bar' ? { opacity: 0.08 } : undefined,
      ...(marked ? marksOf(chart, paint) : {}),
      itemStyle: {
        color: marked
          ? (point) => (isMarked(chart, valueOf(point.value)) ? paint.bad : colour)
          : index === chart.marks ? paint.bad : colour,
      },
    };
  });
}

function axesOf(chart, paint) {
  const label = { color: paint.label, fontSize: 12, hideOverlap: true };
  const x = {
    type: chart.time ? 'time' : 'category',
    boundaryGap: chart.kind === 'bar',
    data: chart.time ? undefined : chart.x.map((text) => text.replace(DATE, '$1')),
    axisLine: { lineStyle: { color: paint.line } },
    axisTick: { show: false },
    axisLabel: chart.time ? { ...label, formatter: { day: '{MM}-{dd}' } } : label,
  };
  const y = {
    type: 'value',
    ...rangeOf(chart),
    splitNumber: 4,
    splitLine: { lineStyle: { color: paint.line } },
    axisLabel: { ...label, formatter: (value) => number(value, chart.unit) },
    minInterval: isCounted(chart) ? 1 : undefined,
  };
  return { xAxis: x, yAxis: y };
}

// A price band may begin near its lowest price; the ends of the band stay in sight.
function rangeOf(chart) {
  if (chart.from !== 'auto') return { min: chart.from ?? 0 };
  const ends = [chart.band?.lowest, chart.band?.highest].filter((value) => value !== null && value !== undefined);
  const seen = [...chart.series.flatMap((each) => each.data.filter((value) => value !== null)), ...ends];
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  const room = Math.max((high - low) * 0.15, high * 0.03);
  return { min: Math.max(0, Math.floor(low - room)), max: Math.ceil(high + room) };
}

// Whole things, such as orders, have no tenths on their axis.
function isCounted(chart) {
  return !chart.unit && chart.series.every((each) => each.data.every((point) => Number.isInteger(valueOf(point) ?? 0)));
}

function legendOf(chart, paint) {
  if (chart.series.length < 2) return undefined;
  return { right: 0, top: 0, itemWidth: 18, itemHeight: 8, itemGap: 16, textStyle: { color: paint.legend, fontSize: 12 } };
}

function optionsOf(chart) {
  const paint = colours();
  return {
    ...axesOf(chart, paint),
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 200,
    color: paint.series,
    grid: { left: 4, right: 12, top: chart.series.length > 1 ? 36 : 16, bottom: 0, containLabel: true },
    legend: legendOf(chart, paint),
    series: seriesOf(chart, paint),
    textStyle: { fontFamily: token('--font') },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText', // the other mode writes inline styles, which the content policy refuses
      backgroundColor: paint.surface,
      borderColor: paint.line,
      textStyle: { color: paint.ink, fontSize: 12 },
      valueFormatter: (value) => (value == null ? '–' : number(value, chart.unit)),
    },
  };
}

export function draw(element) {
  const chart = JSON.parse(element.querySelector('script').textContent);
  const host = document.createElement('div');
  host.style.height = '100%';
  host.setAttribute('role', 'img');
  host.setAttribute('aria-label', element.getAttribute('summary'));
  element.append(host);

  const locale = language.startsWith('zh') ? 'ZH' : 'EN';
  const drawing = echarts.init(host, null, { renderer: 'svg', locale });
  const paint = () => drawing.setOption(optionsOf({ ...chart, band: element.band }), true);
  const resized = new ResizeObserver(() => drawing.resize());
  paint();
  resized.observe(host);
  addEventListener('themechange', paint);
  element.addEventListener('bandmoved', paint);

  return () => {
    resized.disconnect();
    removeEventListener('themechange', paint);
    element.removeEventListener('bandmoved', paint);
    drawing.dispose();
    host.remove();
  };
}
