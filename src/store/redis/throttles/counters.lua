-- What both scripts read. All times are in microseconds.
--
-- KEYS[1]: a hash with a field for each counter. Its first 16 bytes are the moment at which all slots
-- of the counter are free, in digits. After them are the last calls that took one: four bytes for
-- each call of which it was the last counter.
-- ARGV[1]: four bytes that name the call which takes the slots.
-- ARGV: then for each counter, its name, its period, and the time of all slots but one.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local counters, names = {}, {}
for n = 2, #ARGV, 3 do
  local period, others = tonumber(ARGV[n + 1]), tonumber(ARGV[n + 2])
  names[#names + 1] = ARGV[n]
  counters[#names] = { name = ARGV[n], period = period, others = others }
end

for n, field in ipairs(redis.call('HMGET', KEYS[1], unpack(names))) do
  local counter = counters[n]
  counter.moment, counter.calls = now, ''
  if field then
    -- If the clock was set back, no counter is full for longer than its limit says.
    local latest = now + counter.period + counter.others
    counter.moment = math.max(now, math.min(tonumber(field:sub(1, 16)), latest))
    counter.calls = field:sub(17)
  end
end

local last = counters[#counters]

-- Where the call is among those that took a slot.
local function place_of_call()
  for n = 1, #last.calls, 4 do
    if last.calls:sub(n, n + 3) == ARGV[1] then
      return n
    end
  end
end

local function keep(counter)
  -- As it is, a number would lose its last digits.
  local field = string.format('%016.0f', counter.moment) .. counter.calls
  redis.call('HSET', KEYS[1], counter.name, field)
end
