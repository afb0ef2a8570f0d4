-- Check-ins: a cluster at random reports a set at random.
--
--     FILE      the bodies, one a line
--     CLUSTERS  how many clusters there are

local started = 0

function setup(thread)
   started = started + 1
   thread:set("seed", os.time() * 100 + started)
end

-- What comes before the cluster's number in each request, and after.
local heads, tails, clusters = {}, {}, 0

function init(args)
   math.randomseed(seed)
   clusters = tonumber(args[2])
   wrk.headers["Content-Type"] = "application/json"
   for body in io.lines(args[1]) do
      local request = wrk.format("POST", "/v4/clusters/00000000-0000-4000-8000-@/checkins", nil, body)
      local at = request:find("@", 1, true)
      heads[#heads + 1] = request:sub(1, at - 1)
      tails[#tails + 1] = request:sub(at + 1)
   end
end

function request()
   local set = math.random(#heads)
   return heads[set] .. string.format("%012x", math.random(clusters)) .. tails[set]
end
