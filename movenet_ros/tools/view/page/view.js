// The page of `movenet view`: reads the stream of one camera and shows its newest record.
// A record is an image and what is known about it, so picture and poses always belong together.

const SILENCE = 2000; // ms without an image until the page says so
const STALLED = 10000; // ms without a byte until the page connects again
const PANELS_EVERY = 250; // ms between two updates of numbers and lists: people read them
const LONGEST_WAIT = 4000; // ms between two attempts to connect
const LONGEST_RECORD = 2 ** 28; // bytes; more is no stream of records
const RIM = '#181818';
const SIDES = {left: [255, 0.45], right: [0, 0.35]}; // grey level mixed into a side, and its share
const LEVELS = ['OK', 'Warning', 'Error', 'Stale'];
const WIDTHS_PER_PERSON = 50; // a person is at least so many lines high
const BOX_MARGIN = 0.15; // as the node does for a point, see core/point.py

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#181818"/>
<g fill="none" stroke="#e69f00" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">
<circle cx="16" cy="7.5" r="2.5"/><path d="M7 11l5 3h8l5-3M12 14v7l-2 7M20 14v7l2 7M12 21h8"/>
</g></svg>`;

const byId = (id) => document.getElementById(id);
const state = {
  info: null, // answer of /info, the newest
  isInfoOld: true, // whether it may be of an earlier server
  camera: null,
  shown: null, // the record on the canvas, with its bitmap
  waiting: null, // the newest record that is not decoded yet
  status: null, // the newest diagnostics
  lost: 0, // poses that did not come since the page was opened, or the camera chosen
  lostTotal: null, // those since the server was started, by its newest record
  frozen: false, // live: the picture stays
  paused: false, // recording: the server does not go on
  seeking: false, // the slider is being moved
  marked: null, // id of the person under the pointer or the focus in the list
  imageAt: 0, // when the newest image came [ms]
  drawn: [], // when images were drawn [ms], of the last two seconds
};

// Requests ---------------------------------------------------------------------------------------

/** The token of the link: kept for this tab, and taken out of the address bar. */
function takeToken() {
  const url = new URL(location.href);
  const given = url.searchParams.get('token');
  if (given !== null) {
    sessionStorage.setItem('token', given);
    url.searchParams.delete('token');
    history.replaceState(null, '', url);
  }
  return sessionStorage.getItem('token');
}

const token = takeToken();

class Refused extends Error {}

async function request(path, options = {}) {
  const headers = {...options.headers};
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, {...options, headers, cache: 'no-store'}).catch((error) => {
    // A browser's own words for it help nobody.
    throw error instanceof TypeError ? new Error('The server does not answer') : error;
  });
  if (response.ok) return response;
  if (response.status === 401) throw new Refused('Not allowed: open the link that was printed');
  const {error} = await response.json().catch(() => ({}));
  throw new Error(error || `The server answered ${response.status}`);
}

async function post(path, body) {
  const response = await request(path, {
    method: 'POST', body: JSON.stringify(body), headers: {'Content-Type': 'application/json'},
  });
  return response.json();
}

// The stream -------------------------------------------------------------------------------------

/** Takes a stream apart into records, wherever its chunks begin and end. */
export class RecordParser {
  #buffer = new Uint8Array(1 << 16);
  #length = 0;

  /**
   * @param {Uint8Array} chunk What follows in the stream.
   * @returns {Object[]} The records that are complete now: the JSON with `jpeg`, a Uint8Array.
   */
  push(chunk) {
    this.#append(chunk);
    const records = [];
    let start = 0;
    while (this.#length - start >= 4) {
      const size = this.#uint32(start);
      if (size < 4 || size > LONGEST_RECORD) throw new Error(`a record of ${size} bytes`);
      if (this.#length - start < 4 + size) break;
      records.push(this.#record(start + 4, start + 4 + size));
      start += 4 + size;
    }
    this.#buffer.copyWithin(0, start, this.#length);
    this.#length -= start;
    return records;
  }

  #append(chunk) {
    const needed = this.#length + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
  }

  #uint32(at) {
    return new DataView(this.#buffer.buffer).getUint32(at);
  }

  #record(start, end) {
    const jpegStart = start + 4 + this.#uint32(start);
    if (jpegStart > end) throw new Error('a record whose JSON is longer than itself');
    const json = new TextDecoder().decode(this.#buffer.subarray(start + 4, jpegStart));
    return {...JSON.parse(json), jpeg: this.#buffer.slice(jpegStart, end)};
  }
}

let following = new AbortController();

/** Follows a camera, again and again, until another one is chosen. */
async function follow() {
  following.abort();
  following = new AbortController();
  const {signal} = following;
  for (let failures = 0; !signal.aborted; failures += 1) {
    let trouble = 'Connection lost. Trying again';
    try {
      if (state.isInfoOld) await readInfo(signal);
      if (!state.info.cameras.length) trouble = 'Waiting for a camera';
      else if (await readStream(signal, () => { failures = 0; })) continue;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused) {
        connection('lost', error.message);
        return;
      }
    }
    // What serves there next may be another node, with other cameras.
    state.isInfoOld = true;
    connection('lost', trouble);
    await new Promise((done) => { setTimeout(done, Math.min(250 * 2 ** failures, LONGEST_WAIT)); });
  }
}

async function readInfo(signal) {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(STALLED)]);
  const response = await request('info', {signal: limit});
  const info = await response.json();
  if (!signal.aborted) applyInfo(info);
}

/**
 * Reads a stream until it ends.
 * @returns {Promise<boolean>} Whether it has only been silent, so that nobody need be told.
 */
async function readStream(signal, onRecord) {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALLED);
  let opened = false;
  try {
    const response = await request(`stream?camera=${encodeURIComponent(state.camera)}`,
      {signal: AbortSignal.any([signal, stalled.signal])});
    opened = true;
    connection('open', 'Connected');
    const parser = new RecordParser();
    for (const reader = response.body.getReader(); ;) {
      const {done, value} = await reader.read();
      if (done) return false;
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALLED);
      parser.push(value).forEach(receive);
      onRecord();
    }
  } catch (error) {
    if (opened && stalled.signal.aborted && !signal.aborted) return true;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function receive(record) {
  if (record.status) state.status = {...record.status, at: performance.now()};
  if (record.paused !== null && record.paused !== state.paused) {
    // Whoever watches may pause a recording, and it stops at its end.
    state.paused = record.paused;
    showPause();
  }
  countLost(record.lost);
  // Without people and picture it is only a report on the node.
  if (record.people === null && !record.jpeg.length) return;
  state.imageAt = performance.now();
  if (state.frozen) return;
  state.waiting = record;
  decode();
}

/** Counts what was lost while this page is open; a server that was started again begins at 0. */
function countLost(total) {
  if (state.lostTotal !== null) state.lost += total < state.lostTotal ? total : total - state.lostTotal;
  state.lostTotal = total;
}

let decoding = false;

/** Decodes the newest record; what came meanwhile and is no longer the newest is left out. */
async function decode() {
  if (decoding || document.hidden) return;
  decoding = true;
  while (state.waiting && !state.frozen) {
    const record = state.waiting;
    state.waiting = null;
    const bitmap = await decoded(record.jpeg);
    if (state.frozen || record.camera !== state.camera) bitmap?.close();
    else show(record, bitmap);
  }
  decoding = false;
}

async function decoded(jpeg) {
  if (!jpeg.length) return null;
  hideExif(jpeg);
  try {
    return await createImageBitmap(new Blob([jpeg], {type: 'image/jpeg'}));
  } catch {
    return null;
  }
}

/**
 * Keypoints are in the image as it is stored, since the node ignores the orientation in EXIF. No
 * option makes all browsers do so: that segment (APP1) becomes one that they skip (APP15).
 */
function hideExif(jpeg) {
  const isSegment = (at) => jpeg[at] === 0xff && jpeg[at + 1] >= 0xe0 && jpeg[at + 1] <= 0xef;
  for (let at = 2; isSegment(at); at += 2 + 256 * jpeg[at + 2] + jpeg[at + 3]) {
    if (jpeg[at + 1] === 0xe1) jpeg[at + 1] = 0xef;
  }
}

function show(record, bitmap) {
  state.shown?.bitmap?.close();
  state.shown = {...record, jpeg: null, bitmap};
  const ratio = record.width > 0 && record.height > 0 ? record.width / record.height : 4 / 3;
  byId('frame').style.setProperty('--ratio', ratio.toFixed(4));
  redraw();
}

// Drawing ----------------------------------------------------------------------------------------

const picture = byId('picture');
const brush = picture.getContext('2d', {alpha: false});
let scheduled = false;

function redraw() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    draw();
  });
}

function draw() {
  const {shown} = state;
  brush.fillStyle = '#16191d';
  brush.fillRect(0, 0, picture.width, picture.height);
  if (!shown) return;
  if (shown.bitmap) brush.drawImage(shown.bitmap, 0, 0, picture.width, picture.height);
  const scale = {x: picture.width / shown.width, y: picture.height / shown.height};
  const unit = lineWidth();
  const boxes = targetLast(shown).map((person) => [person, drawPerson(person, scale, unit)]);
  // After all bodies, the target's first, so that none hides a label.
  const taken = [];
  for (const [person, box] of boxes.reverse()) if (box) drawLabel(person, box, unit, taken);
  if (picture.dataset.sequence !== String(shown.sequence)) {
    picture.dataset.sequence = shown.sequence;
    state.drawn.push(performance.now());
  }
}

/** By the size on the screen, not that of the image: legible from thumbnails to 4K. */
function lineWidth() {
  const ratio = window.devicePixelRatio;
  const shorter = Math.min(picture.width, picture.height) / ratio;
  return Math.min(Math.max(shorter / 230, 1.75), 6) * ratio;
}

function targetLast(record) {
  const people = record.people ?? [];
  const isTarget = (person) => Number(person.id === record.target?.id);
  return [...people].sort((a, b) => isTarget(a) - isTarget(b));
}

/** Draws all but the label; returns the box on the canvas, null where it is not known. */
function drawPerson(person, scale, unit) {
  const place = ([x, y]) => [x * scale.x, y * scale.y];
  const points = person.keypoints.map((point) => (
    point[3] && point[0] !== null && point[1] !== null ? place(point) : null));
  const box = corners(person.box, place);
  if (box) drawBox(box, person.id, unit);
  drawBody(points, person.id, box ? lineWidthOf(box, unit) : unit);
  return box;
}

/** Small people are not to be hidden by their lines. */
function lineWidthOf([left, top, right, bottom], unit) {
  const size = Math.max(right - left, bottom - top);
  return Math.max(Math.min(unit, size / WIDTHS_PER_PERSON), Math.min(unit, window.devicePixelRatio));
}

function corners(box, place) {
  if (box.some((value) => value === null)) return null;
  return [...place(box.slice(0, 2)), ...place(box.slice(2, 4))];
}

function drawBody(points, id, unit) {
  brush.lineCap = 'round';
  const limbs = state.info.edges.filter(([a, b]) => points[a] && points[b]);
  // A dark rim, so that every colour stands out on every background.
  line(limbs.map(([a, b]) => [points[a], points[b]]), RIM, 1.9 * unit);
  for (const side of ['', 'left', 'right']) {
    const ofSide = limbs.filter(([a, b]) => sideOf(a, b) === side);
    line(ofSide.map(([a, b]) => [points[a], points[b]]), shade(id, side), unit);
  }
  const radius = 1.5 * unit;
  points.forEach((point, index) => {
    if (!point) return;
    disc(brush, point, radius + 0.5 * unit, RIM);
    disc(brush, point, radius, shade(id, sideOf(index, index)));
  });
}

function line(segments, colour, width) {
  if (!segments.length) return;
  brush.strokeStyle = colour;
  brush.lineWidth = width;
  brush.beginPath();
  for (const [from, to] of segments) {
    brush.moveTo(...from);
    brush.lineTo(...to);
  }
  brush.stroke();
}

function disc(context, [x, y], radius, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** The side of a limb; '' for what joins both sides. The nose goes with the eye. */
function sideOf(a, b) {
  const sides = new Set([a, b].map((index) => state.info.keypoints[index].split('_')[0])
    .filter((side) => side in SIDES));
  return sides.size === 1 ? [...sides][0] : '';
}

function colourOf(id) {
  const {palette} = state.info;
  return palette[(((id - 1) % palette.length) + palette.length) % palette.length];
}

const shades = new Map();

function shade(id, side) {
  const colour = colourOf(id);
  const key = colour + side;
  if (!shades.has(key)) {
    const [grey, share] = SIDES[side] ?? [0, 0];
    const mixed = channels(colour).map((value) => Math.round(grey * share + value * (1 - share)));
    shades.set(key, `rgb(${mixed.join(' ')})`);
  }
  return shades.get(key);
}

function channels(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

/** A thin box; the target has thick white corners, which no colour vision is needed for. */
function drawBox([left, top, right, bottom], id, unit) {
  const isTarget = id === state.shown.target?.id;
  brush.lineCap = 'butt';
  if (id === state.marked) {
    outlined(() => brush.strokeRect(left, top, right - left, bottom - top), '#fff', 0.9 * unit);
  } else if (!isTarget) {
    brush.strokeStyle = colourOf(id);
    brush.lineWidth = 0.5 * unit;
    brush.strokeRect(left, top, right - left, bottom - top);
  }
  if (isTarget) {
    const length = Math.min(14 * unit, 0.35 * (right - left), 0.35 * (bottom - top));
    outlined(() => {
      brush.beginPath();
      for (const [x, inwards] of [[left, length], [right, -length]]) {
        for (const [y, down] of [[top, length], [bottom, -length]]) {
          brush.moveTo(x + inwards, y);
          brush.lineTo(x, y);
          brush.lineTo(x, y + down);
        }
      }
      brush.stroke();
    }, '#fff', 1.6 * unit);
  }
}

const within = (value, limit) => Math.max(0, Math.min(value, limit));

function outlined(stroke, colour, width) {
  brush.strokeStyle = RIM;
  brush.lineWidth = 1.9 * width;
  stroke();
  brush.strokeStyle = colour;
  brush.lineWidth = width;
  stroke();
}

/** Writes id and score beside the box, where no other label is. */
function drawLabel(person, [left, top, , bottom], unit, taken) {
  const isTarget = person.id === state.shown.target?.id;
  const size = Math.max(12 * window.devicePixelRatio, 5.5 * unit);
  const text = `${isTarget ? 'Target ' : ''}${person.id}  ${fixed(person.score, 2)}`;
  brush.font = `600 ${size}px system-ui, "Noto Sans", "DejaVu Sans", sans-serif`;
  brush.textBaseline = 'middle';
  const wide = brush.measureText(text).width + 0.8 * size;
  const tall = 1.4 * size;
  const x = within(left - 0.25 * unit, picture.width - wide);
  const places = [top - tall - 0.5 * unit, top - 2.1 * tall, bottom + 0.5 * unit, top]
    .map((place) => within(place, picture.height - tall));
  const isFree = (y) => taken.every(([otherX, otherY, otherWide]) => (
    Math.abs(y - otherY) >= tall || x >= otherX + otherWide || otherX >= x + wide));
  const y = places.find(isFree) ?? places[0];
  taken.push([x, y, wide]);
  const colour = isTarget ? '#ffffff' : colourOf(person.id);
  const [red, green, blue] = channels(colour);
  brush.fillStyle = RIM;
  brush.fillRect(x - 0.3 * unit, y - 0.3 * unit, wide + 0.6 * unit, tall + 0.6 * unit);
  brush.fillStyle = colour;
  brush.fillRect(x, y, wide, tall);
  brush.fillStyle = 0.299 * red + 0.587 * green + 0.114 * blue > 110 ? '#000' : '#fff';
  brush.fillText(text, x + 0.4 * size, y + tall / 2 + 0.05 * size);
}

/** Gives a canvas as many pixels as the screen has for it. */
function keepSharp(canvas, whenResized) {
  new ResizeObserver(() => {
    const ratio = window.devicePixelRatio;
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    whenResized();
  }).observe(canvas);
}

// The view from above ----------------------------------------------------------------------------

const RANGES = [3, 5, 8, 12, 20, 30, 50, 100, 200]; // m
const topView = byId('top');
const topBrush = topView.getContext('2d');
let topRange = RANGES[0];
let topDots = []; // [id, x, y] in pixels of the canvas, to be clicked

function drawTop() {
  const known = (state.shown?.positions ?? []).filter(({position}) => position?.every(Number.isFinite));
  byId('top-panel').hidden = !state.shown?.positions;
  // Just unhidden, it does not have its size yet.
  if (!state.shown?.positions || topView.height < topView.clientHeight) return;
  const ratio = window.devicePixelRatio;
  const origin = [topView.width / 2, topView.height - 22 * ratio];
  const scale = topScale(known, origin);
  const colours = getComputedStyle(topView);
  topBrush.clearRect(0, 0, topView.width, topView.height);
  drawRings(origin, scale, ratio, colours);
  topDots = known.map(({id, position: [x, , z]}) => (
    [id, origin[0] + x * scale, origin[1] - z * scale]));
  for (const dot of topDots) drawDot(dot, ratio);
  topView.setAttribute('aria-label', `From above, ${topRange} metres. ${known.map(
    ({id, position}) => `Person ${id}: ${whereabouts(position)}`).join('. ') || 'Nobody'}`);
}

/** Pixels per metre. The range follows people out, and in again only with a good margin. */
function topScale(known, [halfWidth, height]) {
  const aspect = height / halfWidth;
  const farthest = known.map(({position: [x, , z]}) => Math.max(z, Math.abs(x) * aspect) + 0.4)
    .reduce((a, b) => Math.max(a, b), 0);
  const fitting = (distance) => RANGES.find((range) => range >= distance) ?? RANGES.at(-1);
  if (farthest > topRange || fitting(1.3 * farthest) < topRange) topRange = fitting(farthest);
  return (height - 14 * window.devicePixelRatio) / topRange;
}

function drawRings([x, y], scale, ratio, colours) {
  const step = [1, 2, 5, 10, 20, 50].find((each) => topRange / each <= 8);
  topBrush.lineWidth = ratio;
  topBrush.strokeStyle = colours.getPropertyValue('--ring');
  topBrush.fillStyle = colours.getPropertyValue('--muted');
  topBrush.font = `${11 * ratio}px system-ui, "Noto Sans", "DejaVu Sans", sans-serif`;
  topBrush.textAlign = 'center';
  topBrush.textBaseline = 'middle';
  for (let distance = step; distance <= topRange; distance += step) {
    topBrush.beginPath();
    topBrush.arc(x, y, distance * scale, Math.PI, 2 * Math.PI);
    topBrush.stroke();
    const label = `${distance}`;
    topBrush.clearRect(x - 9 * ratio, y - distance * scale - 7 * ratio, 18 * ratio, 14 * ratio);
    topBrush.fillText(label, x, y - distance * scale);
  }
  topBrush.beginPath();
  topBrush.moveTo(x, y - 9 * ratio);
  topBrush.lineTo(x - 8 * ratio, y + 4 * ratio);
  topBrush.lineTo(x + 8 * ratio, y + 4 * ratio);
  topBrush.fill();
  topBrush.fillText('camera', x, y + 13 * ratio);
}

function drawDot([id, x, y], ratio) {
  const isTarget = id === state.shown.target?.id;
  const colour = colourOf(id);
  const [red, green, blue] = channels(colour);
  if (isTarget || id === state.marked) {
    disc(topBrush, [x, y], 16 * ratio, RIM);
    disc(topBrush, [x, y], 14.5 * ratio, '#fff');
  }
  disc(topBrush, [x, y], 11.5 * ratio, RIM);
  disc(topBrush, [x, y], 10 * ratio, colour);
  topBrush.fillStyle = 0.299 * red + 0.587 * green + 0.114 * blue > 110 ? '#000' : '#fff';
  topBrush.font = `700 ${12 * ratio}px system-ui, "Noto Sans", "DejaVu Sans", sans-serif`;
  topBrush.fillText(String(id), x, y + 0.5 * ratio);
}

function whereabouts([x, , z]) {
  const aside = Math.abs(x) < 0.05 ? '' : `, ${fixed(Math.abs(x), 1)} m ${x < 0 ? 'left' : 'right'}`;
  return `${fixed(z, 1)} m ahead${aside}`;
}

// Panels -----------------------------------------------------------------------------------------

const fixed = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function make(name, className = '', text = '') {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

function updatePanels() {
  updateNotice();
  updateNode();
  updateNumbers();
  updatePeople();
  drawTop();
}

function updateNotice() {
  const silent = performance.now() - state.imageAt > SILENCE;
  const open = byId('connection').dataset.state === 'open';
  let text = '';
  if (state.frozen) text = 'Paused: the picture stays, the node goes on';
  else if (!open) text = state.shown ? 'Not connected: this is the last picture' : '';
  else if (silent && state.info?.kind === 'live') text = waitingText();
  else if (silent && !state.shown) text = 'Waiting for the recording';
  byId('notice').hidden = !text;
  setText(byId('notice'), text);
  byId('frame').classList.toggle('empty', !state.shown);
}

function waitingText() {
  if (state.shown) return 'Waiting for images: this is the last one';
  return state.status ? 'Waiting for images' : 'Waiting for images. Is the node running and active?';
}

function updateNode() {
  const {status} = state;
  byId('images-panel').hidden = !status;
  byId('values-panel').hidden = !status;
  setText(byId('node-heading'), state.info?.kind === 'recording' ? 'Recording' : 'Node');
  byId('node-status').hidden = state.info?.kind === 'recording' && !status;
  byId('level').dataset.level = status ? status.level : 'none';
  setText(byId('level'), status ? LEVELS[status.level] ?? `Level ${status.level}` : 'No report');
  setText(byId('message'), status?.message ?? '');
  const age = status ? (status.age ?? 0) + (performance.now() - status.at) / 1000 : 0;
  setText(byId('report-age'), age > 3 ? `Reported ${Math.round(age)} s ago` : '');
  if (!status) return;
  updateRows(byId('images'), imageRows(status.values), imageRow);
  updateRows(byId('values'), Object.entries(status.values), valueRow);
}

/** Counts of images by what became of them: [label, count, whether a cause, whether bad]. */
function imageRows(values) {
  const rows = [];
  for (const [key, value] of Object.entries(values)) {
    const [, outcome, cause] = /^images (\w+)(?:: (.*))?$/.exec(key) ?? [];
    if (!['published', 'received', 'processed', 'skipped', 'lost', 'rejected', 'failed', 'warned']
      .includes(outcome)) continue;
    const bad = Number(value) > 0 && ['lost', 'rejected', 'failed', 'warned'].includes(outcome);
    if (cause && outcome === 'warned') rows.push([`with a warning: ${words(cause)}`, value, false, bad]);
    else rows.push(cause ? [words(cause), value, true, bad] : [outcome, value, false, bad]);
  }
  return rows;
}

const words = (name) => name.replaceAll('_', ' ');

function imageRow() {
  const row = make('tr');
  const head = make('th');
  head.scope = 'row';
  row.append(head, make('td'));
  return row;
}

function valueRow() {
  const row = make('div');
  row.append(make('dt'), make('dd'));
  return row;
}

/** Fills rows with texts, and changes only what differs, so that a selected text stays selected. */
function updateRows(parent, rows, makeRow) {
  while (parent.children.length > rows.length) parent.lastChild.remove();
  rows.forEach(([label, value, isCause, isBad], index) => {
    const row = parent.children[index] ?? parent.appendChild(makeRow());
    row.classList.toggle('cause', Boolean(isCause));
    row.classList.toggle('bad', Boolean(isBad));
    setText(row.children[0], label);
    setText(row.children[1], String(value));
  });
}

function updateNumbers() {
  const now = performance.now();
  state.drawn = state.drawn.filter((at) => now - at < 2000);
  setText(byId('shown-rate'), fixed(state.drawn.length / 2, 1));
  const {shown} = state;
  setText(byId('rate'), fixed(shown?.rate ?? NaN, 1));
  setText(byId('latency'), fixed(shown?.latency == null ? NaN : 1000 * shown.latency, 0));
  setText(byId('lost'), shown ? String(state.lost) : '–');
  const facts = shown ? [shown.model, `${shown.width} × ${shown.height}`] : [];
  setText(byId('facts'), facts.filter(Boolean).join(' · '));
  if (shown && state.info?.kind === 'recording') updateTime(shown.position);
}

function updateTime(position) {
  if (position === null || state.seeking) return;
  byId('seek').value = position;
  showTime(position);
}

function showTime(position) {
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
  const text = `${clock(position)} / ${clock(state.info.duration ?? 0)}`;
  setText(byId('time'), text);
  byId('seek').setAttribute('aria-valuetext', text.replace('/', 'of'));
}

function updatePeople() {
  const people = [...(state.shown?.people ?? [])].sort((a, b) => a.id - b.id);
  setText(byId('count'), state.shown?.people ? `(${people.length})` : '');
  picture.setAttribute('aria-label', state.shown
    ? `Picture with ${people.length === 1 ? 'one person' : `${people.length} people`}` : 'No picture yet');
  setText(byId('target'), targetText(state.shown?.target));
  const list = byId('people');
  const wanted = new Set(people.map(({id}) => String(id)));
  for (const item of [...list.children]) if (!wanted.has(item.dataset.id)) removePerson(item);
  people.forEach((person, index) => {
    let item = list.children[index];
    if (item?.dataset.id !== String(person.id)) {
      item = personItem(person.id);
      list.insertBefore(item, list.children[index] ?? null);
    }
    fillPerson(item.firstChild, person);
  });
  const criterion = state.shown?.target?.criterion?.toLowerCase();
  for (const button of byId('criteria').querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.dataset.criterion === criterion));
  }
}

/** Someone who leaves must not take the focus along. */
function removePerson(item) {
  const hadFocus = item.contains(document.activeElement);
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  if (hadFocus) (next?.querySelector('button') ?? byId('people-heading')).focus();
}

function personItem(id) {
  const item = make('li');
  item.dataset.id = id;
  const row = make(state.info.can_select ? 'button' : 'div', 'person');
  const swatch = make('span', 'swatch');
  swatch.style.background = colourOf(id);
  const score = make('span', 'detail');
  score.append(make('span', 'unseen', 'score '), make('span'));
  row.append(swatch, make('span', 'name'), make('span', 'detail'), score);
  item.append(row);
  if (state.info.can_select) {
    row.type = 'button';
    row.addEventListener('click', () => choose({criterion: 'id', id}));
    for (const event of ['pointerenter', 'focus']) row.addEventListener(event, () => mark(id));
    for (const event of ['pointerleave', 'blur']) row.addEventListener(event, () => mark(null));
  }
  return item;
}

function fillPerson(row, person) {
  const isTarget = person.id === state.shown.target?.id;
  const where = state.shown.positions?.find(({id}) => id === person.id);
  const [, name, distance, score] = row.children;
  setText(name, `Person ${person.id}${isTarget ? ', target' : ''}`);
  setText(distance, Number.isFinite(where?.distance) ? `${fixed(where.distance, 1)} m` : '');
  setText(score.lastChild, fixed(person.score, 2));
  if (row.type === 'button') row.setAttribute('aria-pressed', String(isTarget));
}

function mark(id) {
  state.marked = id;
  redraw();
}

function targetText(target) {
  const who = target?.id ? `Person ${target.id}` : 'Nobody';
  switch (target?.state?.toLowerCase()) {
    case 'tracked': return `${who} is the target.`;
    case 'held': return `${who} is the target, and is not seen for the moment.`;
    case 'searching': return `${who} is the target, and is being searched for.`;
    case 'lost': return target.id ? `${who}, the target, is lost.` : 'Nobody was there to choose.';
    case 'none': return target.criterion && target.criterion.toLowerCase() !== 'none'
      ? `No target yet: waits for the ${target.criterion.toLowerCase()} person.` : 'No target is chosen.';
    default: return state.info?.can_select ? 'Choose a person in the picture or here as the target.' : '';
  }
}

function connection(kind, text) {
  byId('connection').dataset.state = kind;
  setText(byId('connection'), text);
  updateNotice();
}

// Controls ---------------------------------------------------------------------------------------

function respond(text, failed = false) {
  const line = byId('response');
  line.toggleAttribute('data-failed', failed);
  line.textContent = text;
}

async function choose(selection) {
  try {
    const {message} = await post('target', {camera: state.camera, ...selection});
    respond(message ?? '');
  } catch (error) {
    respond(error.message, true);
  }
}

/** A click on the picture: the person at this point, or, while it is frozen, the one shown there. */
function choosePoint(event) {
  const {shown} = state;
  if (!shown || !state.info.can_select) return;
  const area = picture.getBoundingClientRect();
  const x = ((event.clientX - area.left) / area.width) * shown.width;
  const y = ((event.clientY - area.top) / area.height) * shown.height;
  if (!state.frozen) {
    choose({criterion: 'point', x, y});
    return;
  }
  const person = personAt(shown.people ?? [], x, y);
  if (person) choose({criterion: 'id', id: person.id});
  else respond('Nobody is there.');
}

/** The person with the smallest box around a point. */
function personAt(people, x, y) {
  const size = ([left, top, right, bottom]) => (right - left) * (bottom - top);
  return people.filter(({box: [left, top, right, bottom]}) => {
    const [wide, tall] = [BOX_MARGIN * (right - left), BOX_MARGIN * (bottom - top)];
    return x >= left - wide && x <= right + wide && y >= top - tall && y <= bottom + tall;
  }).sort((a, b) => size(a.box) - size(b.box))[0];
}

function chooseFromAbove(event) {
  if (!state.info?.can_select) return;
  const area = topView.getBoundingClientRect();
  const ratio = topView.width / area.width;
  const distance = ([, x, y]) => Math.hypot(x - (event.clientX - area.left) * ratio,
    y - (event.clientY - area.top) * ratio);
  const [nearest] = [...topDots].sort((a, b) => distance(a) - distance(b));
  if (nearest && distance(nearest) <= 22 * ratio) choose({criterion: 'id', id: nearest[0]});
}

async function togglePause() {
  if (!state.info) return;
  if (state.info.kind === 'recording') {
    // From the end there is nothing to go on with.
    const isOver = state.paused && state.shown?.position >= state.info.duration - 0.05;
    await playback({paused: !state.paused, position: isOver ? 0 : null});
  } else {
    state.frozen = !state.frozen;
    if (!state.frozen) decode();
    updatePanels();
  }
  showPause();
}

function showPause() {
  const stopped = state.frozen || state.paused;
  setText(byId('pause'), stopped ? (state.frozen ? 'Resume' : 'Play') : 'Pause');
}

async function playback(wanted) {
  try {
    await post('playback', wanted);
    if (wanted.paused !== null) state.paused = wanted.paused;
  } catch (error) {
    respond(error.message, true);
  }
}

let seekTo = null;

/** Goes to where the slider is; of many moves, to the newest when the one before is done. */
async function seek() {
  const running = seekTo !== null;
  seekTo = Number(byId('seek').value);
  showTime(seekTo);
  if (running) return;
  for (let sent = null; seekTo !== sent;) {
    sent = seekTo;
    await playback({paused: null, position: sent});
  }
  seekTo = null;
}

function applyInfo(info) {
  Object.assign(state, {info, isInfoOld: false});
  setText(byId('title'), info.title);
  document.title = `${info.title} – movenet view`;
  const select = byId('camera');
  select.replaceChildren(...info.cameras.map((name) => new Option(name || 'camera', name)));
  byId('camera-choice').hidden = info.cameras.length < 2;
  const wanted = state.camera ?? new URL(location.href).searchParams.get('camera');
  setCamera(info.cameras.includes(wanted) ? wanted : info.cameras[0] ?? null);
  byId('criteria').hidden = !info.can_select;
  picture.classList.toggle('choosable', info.can_select);
  byId('seek-choice').hidden = info.kind !== 'recording' || !info.duration;
  byId('seek').max = info.duration ?? 0;
  if (info.kind === 'recording') showTime(state.shown?.position ?? 0);
}

function setCamera(name) {
  if (state.camera !== name) {
    state.shown?.bitmap?.close();
    Object.assign(state,
      {camera: name, shown: null, waiting: null, status: null, drawn: [], frozen: false,
        lost: 0, lostTotal: null});
    showPause();
    delete picture.dataset.sequence;
    byId('people').replaceChildren();
    respond('');
    redraw();
  }
  byId('camera').value = name ?? '';
}

function changeCamera() {
  setCamera(byId('camera').value);
  const url = new URL(location.href);
  url.searchParams.set('camera', state.camera);
  history.replaceState(null, '', url);
  follow();
}

function onKey(event) {
  // Space belongs to the element that has the focus, where it has a meaning there.
  const own = event.target.closest?.('button, select, summary, a');
  if (event.code !== 'Space' || event.repeat || own || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  togglePause();
}

/** From here, so that the browser does not ask for a file that is not there. */
function setIcon() {
  const icon = document.createElement('link');
  icon.rel = 'icon';
  icon.href = URL.createObjectURL(new Blob([ICON], {type: 'image/svg+xml'}));
  document.head.append(icon);
}

function start() {
  setIcon();
  picture.addEventListener('click', choosePoint);
  topView.addEventListener('click', chooseFromAbove);
  byId('pause').addEventListener('click', togglePause);
  byId('camera').addEventListener('change', changeCamera);
  byId('seek').addEventListener('input', seek);
  for (const event of ['pointerdown', 'keydown']) {
    byId('seek').addEventListener(event, () => { state.seeking = true; });
  }
  for (const event of ['pointerup', 'pointercancel', 'keyup', 'blur']) {
    byId('seek').addEventListener(event, () => { state.seeking = false; });
  }
  for (const button of byId('criteria').querySelectorAll('button')) {
    button.addEventListener('click', () => choose({criterion: button.dataset.criterion}));
  }
  document.addEventListener('keydown', onKey);
  document.addEventListener('visibilitychange', decode);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawTop);
  keepSharp(picture, draw);
  keepSharp(topView, drawTop);
  setInterval(updatePanels, PANELS_EVERY);
  follow();
}

start();
