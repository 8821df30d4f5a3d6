// An application on the real node-postgres pool: closed users, one transaction a request.
//
// Reads one row of grid.json, with "seed" and "warmup_s", from standard input; prints what each
// request saw, [began, ended, outcome] in seconds, and from when to when they count. The server is
// the one PGHOST, PGPORT, PGUSER and PGDATABASE name.
'use strict';

const { readFileSync } = require('fs');
const { Pool } = require('pg');

const row = JSON.parse(readFileSync(0, 'utf8'));
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const now = () => performance.now() / 1000;

// A generator with a seed (mulberry32), which JavaScript's own has not.
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
const exponential = (uniform, mean) => -Math.log(1 - uniform()) * mean;

async function oneRequest(pool, uniform) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_sleep(${row.server_ms / 1000})`);
    await sleep(row.exponential ? exponential(uniform, row.hold_ms) : row.hold_ms);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

async function user(pool, number, end, seen) {
  const uniform = generator(row.seed * 1000 + number);
  while (now() < end) {
    const began = now();
    let outcome = 'ok';
    try {
      await oneRequest(pool, uniform);
    } catch (error) {
      outcome = /timeout/.test(error.message) ? 'timeout' : error.message;
    }
    seen.push([began, now(), outcome]);
    if (row.think_ms) await sleep(exponential(uniform, row.think_ms));
  }
}

async function main() {
  const pool = new Pool({ max: row.max, connectionTimeoutMillis: row.timeout_ms });
  const seen = [];
  const start = now() + row.warmup_s;
  const end = start + row.seconds;
  await Promise.all(Array.from({ length: row.users }, (_, i) => user(pool, i, end, seen)));
  await pool.end();
  console.log(JSON.stringify({ seen, start, end }));
}

main();
