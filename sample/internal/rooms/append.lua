-- Appends a message to a room's history, if its sender is a member.
-- KEYS: members, history. ARGV: uid, session, message, limit of messages.
-- Returns 1, or 0 where the session is not in the room.
if redis.call("HGET", KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call("RPUSH", KEYS[2], ARGV[3])
redis.call("LTRIM", KEYS[2], -tonumber(ARGV[4]), -1)
return 1
