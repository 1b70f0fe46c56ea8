import { lateMs, settledMs } from "../limit-store.ts";

// The scripts keep to the keys that they are given, all of one tenant and so of one slot of a cluster.
// Each is one step of the server, by the server's clock, and says what `MemoryLimitStore` says.
//
// counters  hash: `<window>@<start>:s` spent, `:r` reserved; `rl`/`ra`, `tl`/`ta` level and time of the
//           minute's requests and tokens. Sums are integers of 64 bits, which HINCRBY adds exactly; a
//           check reads them as doubles, exact up to 2^53 nano-USD (9 million USD).
// held      hash: attempt to `<state> <nanoUsd> <tokens> <holds tokens> <window>@<start>:<unit> …`
// leases    sorted set: attempt by the end of its lease, or of the wait for its late settlement
// open      sorted set: attempt that let a request in, by the end of its lease
// done, before  sets: attempts settled lately, and before that

/** What comes before each script: keys, clock, and what several scripts do. */
const common = `
local counters, held, leases, open, done, before = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local call = redis.call
local keep = 172800000

local function text(number) return string.format('%.17g', number) end
local function whole(number) return string.format('%.0f', number) end

local function level(name, perMinute)
  local kept = call('HMGET', counters, name .. 'l', name .. 'a')
  local at = tonumber(kept[2]) or 0
  if at > now then call('HSET', counters, name .. 'a', text(now)) end
  local elapsed = math.max(0, now - at)
  return math.max(0, (tonumber(kept[1]) or 0) - elapsed * perMinute / 60000)
end

local function setLevel(name, value)
  call('HSET', counters, name .. 'l', text(math.max(0, value)), name .. 'a', text(now))
end

local function isSettled(attempt)
  return call('SISMEMBER', done, attempt) == 1 or call('SISMEMBER', before, attempt) == 1
end

local function read(entry)
  local words = {}
  for word in string.gmatch(entry, '%S+') do words[#words + 1] = word end
  local windows = {}
  for index = 5, #words do
    local field, unit = string.match(words[index], '^(.*):(%a)$')
    windows[#windows + 1] = { field = field, unit = unit }
  end
  return { state = words[1], n = words[2], t = words[3], holdsTokens = words[4] == '1',
    windows = windows, rest = table.concat(words, ' ', 2) }
end

local function add(field, amount)
  if amount ~= 0 then call('HINCRBY', counters, field, whole(amount)) end
end

local function replace(reservation, amounts)
  for _, window in ipairs(reservation.windows) do
    local was, is = tonumber(reservation[window.unit]), tonumber(amounts[window.unit])
    if call('HEXISTS', counters, window.field .. ':s') == 1 then
      if reservation.state == 'x' then
        add(window.field .. ':s', is - was)
      else
        add(window.field .. ':r', -was)
        add(window.field .. ':s', is)
      end
    end
  end
end
`;

const admit = `${common}
local function argument(index) return tonumber(ARGV[index]) end
local attempt, lease = ARGV[1], argument(2)
local amounts = { n = argument(3), t = argument(4) }
local cheapest = ARGV[5] ~= '' and { n = argument(5), t = argument(6) } or nil
local requests, requestsObserved = argument(7), ARGV[8] == '1'
local tokens, tokensObserved = argument(9), ARGV[10] == '1'
local concurrent, concurrentObserved = argument(11), ARGV[12] == '1'

local budgets = {}
for index = 13, #ARGV, 6 do
  local starts, ends = argument(index + 1), argument(index + 2)
  if now < starts or now >= ends then return { 'moved', text(now) } end
  budgets[#budgets + 1] = { id = ARGV[index], starts = starts, ends = ends,
    field = ARGV[index] .. '@' .. ARGV[index + 1],
    limit = argument(index + 3), unit = ARGV[index + 4], mode = ARGV[index + 5] }
end

for _, due in ipairs(call('ZRANGEBYSCORE', leases, '-inf', text(now), 'LIMIT', 0, 50)) do
  local entry = call('HGET', held, due)
  local reservation = entry and read(entry)
  if reservation and reservation.state == 'o' then
    replace(reservation, reservation)
    call('HSET', held, due, 'x ' .. reservation.rest)
    call('ZADD', leases, text(now + ${lateMs}), due)
  else
    call('HDEL', held, due)
    call('ZREM', leases, due)
  end
end

local function used(budget)
  local kept = call('HMGET', counters, budget.field .. ':s', budget.field .. ':r')
  return (tonumber(kept[1]) or 0) + (tonumber(kept[2]) or 0)
end

local downgraded = false
for _, budget in ipairs(budgets) do
  budget.used = used(budget)
  budget.fits = budget.used + amounts[budget.unit] <= budget.limit
  if not budget.fits and budget.mode == 'D' and cheapest then downgraded = true end
end
if downgraded then amounts = cheapest end

local exceeded, refusedBy = {}, ''
local function note(index, refuses)
  exceeded[#exceeded + 1] = index
  if refuses and refusedBy == '' then refusedBy = index end
end

local requestsLevel, tokensLevel, isOpen = 0, 0, 0
local takesRequest, holdsTokens = requests > 0, tokens > 0
if requests > 0 then
  requestsLevel = level('r', requests)
  if requestsLevel + 1 > requests then
    takesRequest = false
    note(0, not requestsObserved)
  end
end
if tokens > 0 then
  tokensLevel = level('t', tokens)
  if tokensLevel + amounts.t > tokens then
    holdsTokens = false
    note(1, not tokensObserved)
  end
end
if concurrent > 0 then
  call('ZREMRANGEBYSCORE', open, '-inf', text(now))
  isOpen = call('ZCARD', open)
  if isOpen + 1 > concurrent then note(2, not concurrentObserved) end
end
for index, budget in ipairs(budgets) do
  local room = budget.used + amounts[budget.unit] <= budget.limit
  if not room or (budget.mode == 'D' and not budget.fits) then
    note(index + 2, budget.mode == 'R')
  end
end

if refusedBy == '' then
  if takesRequest then
    requestsLevel = requestsLevel + 1
    setLevel('r', requestsLevel)
  end
  if holdsTokens then
    tokensLevel = tokensLevel + amounts.t
    setLevel('t', tokensLevel)
  end
  if concurrent > 0 then
    isOpen = isOpen + call('ZADD', open, text(now + lease), attempt)
    call('PEXPIRE', open, keep)
  end
  local longest = keep
  if not isSettled(attempt) then
    local entered = {}
    local entry = { 'o', whole(amounts.n), whole(amounts.t), holdsTokens and '1' or '0' }
    for _, budget in ipairs(budgets) do
      if call('HSETNX', counters, budget.field .. ':s', '0') == 1 then
        local oldest = budget.starts - 2 * (budget.ends - budget.starts)
        for _, field in ipairs(call('HKEYS', counters)) do
          local id, starts = string.match(field, '^(.*)@(%d+):%a$')
          if id == budget.id and tonumber(starts) < oldest then call('HDEL', counters, field) end
        end
      end
      local word = budget.field .. ':' .. budget.unit
      if not entered[word] then
        add(budget.field .. ':r', amounts[budget.unit])
        entry[#entry + 1] = word
        entered[word] = true
      end
      budget.used = budget.used + amounts[budget.unit]
      longest = math.max(longest, budget.ends - now + keep)
    end
    if holdsTokens or #budgets > 0 then
      call('HSET', held, attempt, table.concat(entry, ' '))
      call('ZADD', leases, text(now + lease), attempt)
      call('PEXPIRE', held, keep)
      call('PEXPIRE', leases, keep)
    end
  end
  call('PEXPIRE', counters, whole(longest))
end

local reply = { 'counted', text(now), tostring(refusedBy), downgraded and '1' or '0',
  table.concat(exceeded, ','), text(requestsLevel), text(tokensLevel), tostring(isOpen) }
for _, budget in ipairs(budgets) do reply[#reply + 1] = text(budget.used) end
return reply
`;

const settle = `${common}
local attempt = ARGV[1]
local amounts = { n = tonumber(ARGV[2]), t = tonumber(ARGV[3]) }
local tokens = tonumber(ARGV[4])
if isSettled(attempt) then return { 'known', text(now) } end
local entry = call('HGET', held, attempt)
if entry then
  local reservation = read(entry)
  replace(reservation, amounts)
  call('HDEL', held, attempt)
  call('ZREM', leases, attempt)
  if reservation.holdsTokens and tokens > 0 then
    setLevel('t', level('t', tokens) + amounts.t - tonumber(reservation.t))
  end
else
  for index = 5, #ARGV, 3 do
    local ends = tonumber(ARGV[index + 1])
    if now < ends or call('HEXISTS', counters, ARGV[index] .. ':s') == 1 then
      add(ARGV[index] .. ':s', amounts[ARGV[index + 2]])
      if call('PTTL', counters) < ends - now + keep then
        call('PEXPIRE', counters, whole(math.max(keep, ends - now + keep)))
      end
    end
  end
end
local since = tonumber(call('HGET', counters, 'since')) or 0
if now - since >= ${settledMs} then
  if call('EXISTS', done) == 1 then call('RENAME', done, before) else call('UNLINK', before) end
  call('HSET', counters, 'since', text(now))
end
call('SADD', done, attempt)
call('PEXPIRE', done, ${3 * settledMs})
call('PEXPIRE', before, ${2 * settledMs})
return { 'settled', text(now) }
`;

export const scripts = { admit, settle } as const;

export const keyCount = 6;

/** All of a tenant's keys; what stands in braces alone decides the slot of a cluster. */
export function keysOf(prefix: string, tenant: string): string[] {
  return ["counters", "held", "leases", "open", "done", "before"].map((name) =>
    keyOf(prefix, tenant, name),
  );
}

/** Holds nothing, and stands where the tenant's counters do. */
export const probeKeyOf = (prefix: string, tenant: string): string =>
  keyOf(prefix, tenant, "probe");

const keyOf = (prefix: string, tenant: string, name: string): string =>
  `${prefix}:{${tenant}}:${name}`;
