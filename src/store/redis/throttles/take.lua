-- Takes one slot of each counter, or none. All times are in microseconds.
--
-- KEYS[1]: a hash with a field for each counter: the moment at which all of its slots are free.
-- ARGV: for each counter, its name, its period, and the time of all slots but one.
-- Returns 0, or the time until each of the counters has a free slot, and the number of the counter
-- that has none until then, from 1.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local kept = redis.call('HGETALL', KEYS[1])
local all_free, past, latest = {}, {}, now
for n = 1, #kept, 2 do
  local moment = tonumber(kept[n + 1])
  if moment > now then
    all_free[kept[n]] = moment
    latest = math.max(latest, moment)
  else
    past[#past + 1] = kept[n]
  end
end

local wait, full = 0, 0
for n = 1, #ARGV, 3 do
  local own = (all_free[ARGV[n]] or now) - now - ARGV[n + 2]
  if own > 0 and own >= wait then
    wait, full = own, (n + 2) / 3
  end
end
if wait > 0 then
  return {wait, full}
end

for _, name in ipairs(past) do
  redis.call('HDEL', KEYS[1], name)
end
for n = 1, #ARGV, 3 do
  local moment = (all_free[ARGV[n]] or now) + ARGV[n + 1]
  latest = math.max(latest, moment)
  -- As it is, a number would lose its last digits.
  redis.call('HSET', KEYS[1], ARGV[n], string.format('%.0f', moment))
end
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((latest - now) / 1000) + 1))
return 0
