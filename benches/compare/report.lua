-- What wrk measured, for programs. In front of every other script.

function done(summary, latency, requests)
   local errors = summary.errors
   print("stationmaster requests " .. summary.requests)
   print("stationmaster microseconds " .. summary.duration)
   print("stationmaster p50 " .. latency:percentile(50))
   print("stationmaster p99 " .. latency:percentile(99))
   print("stationmaster refused " .. errors.status)
   print("stationmaster broken " .. errors.connect + errors.read + errors.write + errors.timeout)
end
