# frozen_string_literal: true

require "json"
require "time"

module Backoffice
  # Writes one JSON line for each thing that somebody did.
  class AuditLog
    def initialize(io, clock: -> { Time.now.utc })
      @io = io
      @clock = clock
      @mutex = Mutex.new
    end

    def record(employee, action, claim, **details)
      line = {
        at: @clock.call.iso8601,
        login: employee.login,
        action: action.to_s,
        claim: claim.id
      }.merge(details)
      @mutex.synchronize { @io.puts(JSON.generate(line)) }
    end
  end
end
