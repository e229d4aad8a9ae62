import assert from "node:assert/strict";
import test from "node:test";

import { boxFor } from "../../geoanalyse/products/static/labels.js";
import { lineIn, markBoxes, markPlaces } from "../../geoanalyse/products/static/scene.js";

const NEVER = () => false, ALWAYS = () => true;
const place = (taken, { holds = ALWAYS, lined = NEVER } = {}) => boxFor(100, 100, 60, 20, holds, taken, lined);
const middle = (box) => box && (box[1] + box[3]) / 2;
const over = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

test("a name stands in its place when nothing is there", () => {
  assert.deepEqual(place([]), [70, 90, 130, 110]);
  assert.deepEqual(place([[130, 90, 140, 110]]), [70, 90, 130, 110]); // what only touches it is not on it
});

test("a name goes under what is there, else over it, and never onto it", () => {
  const above = [90, 85, 110, 95], below = [90, 105, 110, 115];
  assert.equal(middle(place([above])), 112);
  assert.equal(middle(place([below])), 88);
  const deep = [90, 85, 110, 110];
  for (const taken of [[above], [below], [deep]]) assert.ok(taken.every((each) => !over(place(taken), each)));
  assert.equal(middle(place([deep])), 122);
});

test("a name is left out when there is no room, and does not leave its region", () => {
  assert.equal(place([[0, 0, 200, 200]]), undefined);
  assert.equal(place([[90, 85, 110, 110]], { holds: (by) => Math.abs(by) < 20 }), undefined);
  assert.equal(middle(place([], { holds: NEVER })), 100); // its own place is always in it
});

test("a name rather stands off a line, but lies on one where there is no other place", () => {
  const lined = (box) => over(box, [0, 95, 200, 96]);
  assert.equal(middle(place([], { lined })), 112);
  assert.equal(middle(place([], { lined: ALWAYS })), 100);
  assert.equal(middle(place([], { lined, holds: NEVER })), 100);
});

test("a line is in a box when it passes through, also without a corner in it", () => {
  const view = { x: 2, y: 3, scale: 10, ratio: 1 }; // pixel (0, 0) is world (2, 3)
  const ring = Float64Array.of(3, 4, 9, 4, 9, 9, 3, 9), shapes = [{ rings: [ring], box: [3, 4, 9, 9] }];
  assert.equal(lineIn(view, shapes, [30, 5, 40, 15]), true); // the upper side
  assert.equal(lineIn(view, shapes, [30, 20, 40, 30]), false); // within the ring
  assert.equal(lineIn(view, shapes, [0, 0, 9, 9]), false); // beside it
  const slanted = [{ rings: [Float64Array.of(3, 4, 9, 9, 3, 9)], box: [3, 4, 9, 9] }];
  assert.equal(lineIn(view, slanted, [60, 15, 65, 20]), false); // in its box, off its sides
  assert.equal(lineIn(view, slanted, [35, 30, 45, 40]), true);
});

test("marks take room around where they are painted, one per square, and none for a hole", () => {
  const view = { x: 0, y: 0, scale: 1, ratio: 2 }, part = { left: 0, top: 0, width: 400, height: 400 };
  const shape = (x, y, hole = false) => ({ box: [x, y, x + 20, y + 20], hole });
  const found = markPlaces(view, part, [shape(100, 100), shape(101, 102), shape(200, 200, true), shape(900, 100)], 0);
  assert.deepEqual(found.map(({ x, y }) => [x, y]), [[110, 100]]);
  assert.deepEqual(markBoxes(view, found), [[94, 84, 126, 116]]);
  assert.equal(markPlaces(view, part, [shape(100, 100)], 18)[0].y, 64);
});
