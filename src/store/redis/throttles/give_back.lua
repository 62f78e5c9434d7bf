
-- Gives back one slot of each counter. If a call is named, only if it took them.

if ARGV[1] ~= '' then
  local place = place_of_call()
  if not place then
    return 0
  end
  last.calls = last.calls:sub(1, place - 1) .. last.calls:sub(place + 4)
end

for _, counter in ipairs(counters) do
  counter.moment = counter.moment - counter.period
  if counter.moment > now then
    keep(counter)
  else
    -- Redis deletes a hash with its last field.
    redis.call('HDEL', KEYS[1], counter.name)
  end
end
return 0
