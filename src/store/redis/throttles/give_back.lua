-- Gives back one slot of each counter.
--
-- KEYS[1]: as for taking. It has expired already if all slots are free.
-- ARGV: for each counter, its name, and its period in microseconds.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

for n = 1, #ARGV, 2 do
  local moment = redis.call('HGET', KEYS[1], ARGV[n])
  if moment then
    moment = moment - ARGV[n + 1]
    if moment > now then
      redis.call('HSET', KEYS[1], ARGV[n], string.format('%.0f', moment))
    else
      -- Redis deletes a hash with its last field.
      redis.call('HDEL', KEYS[1], ARGV[n])
    end
  end
end
return 0
