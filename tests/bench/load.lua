-- For wrk: GET one path after another, and say what was counted as one line of JSON.
-- The arguments: a file with one path a line.
local requests, at, threads = {}, 0, 0

function setup(thread)
    thread:set("start", threads * 5) -- not all at the same path at once
    threads = threads + 1
end

function init(arguments)
    for path in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("GET", path)
    end
    at = start
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function done(summary, latency)
    local errors = summary.errors
    local lost = errors.connect + errors.read + errors.write + errors.timeout
    local line = '\n{"requests": %d, "bytes": %d, "seconds": %f, "refused": %d, "lost": %d, "slowest": %f}\n'
    io.write(line:format(summary.requests, summary.bytes, summary.duration / 1e6,
        errors.status, lost, latency.max / 1e6))
end
