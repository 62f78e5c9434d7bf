
-- Takes one slot of each counter, or none.
--
-- Returns 0, or the time until each of the counters has a free slot, and the number of the counter
-- that has none until then, from 1.

-- A cluster may be sent a call twice.
if place_of_call() then
  return 0
end

local wait, full = 0, 0
for n, counter in ipairs(counters) do
  local own = counter.moment - now - counter.others
  if own > 0 and own >= wait then
    wait, full = own, n
  end
end
if wait > 0 then
  return { wait, full }
end

-- Not all of them: a source may have many, and Redis does nothing else meanwhile.
local some = redis.call('HRANDFIELD', KEYS[1], 8, 'WITHVALUES')
for n = 1, #some, 2 do
  if tonumber(some[n + 1]:sub(1, 16)) <= now then
    redis.call('HDEL', KEYS[1], some[n])
  end
end

-- As many calls as there are slots: more of them cannot have taken one.
local most = 1
if last.period > 0 then
  most = math.min(math.floor(last.others / last.period) + 1, 1024)
end
last.calls = (last.calls .. ARGV[1]):sub(-4 * most)

local latest = now
for _, counter in ipairs(counters) do
  counter.moment = counter.moment + counter.period
  latest = math.max(latest, counter.moment)
  keep(counter)
end
local left = math.ceil((latest - now) / 1000) + 1
if redis.call('PTTL', KEYS[1]) < left then
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', left))
end
return 0
