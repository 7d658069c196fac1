# frozen_string_literal: true

module Backoffice
  # How much of a claim is paid, and until when it may be raised.
  class RefundPolicy
    DAY = 24 * 60 * 60
    RAISE_WITHIN_DAYS = { "damaged" => 7, "lost" => 60, "late" => 14 }.freeze
    CAP_MINOR = { "damaged" => 50_000, "lost" => 50_000, "late" => 1_500 }.freeze
    SECOND_PAIR_OF_EYES_MINOR = 20_000

    # The last moment is still in time.
    def in_time?(claim, delivered_at)
      claim.raised_at - delivered_at <= RAISE_WITHIN_DAYS.fetch(claim.reason) * DAY
    end

    def payable_minor(claim)
      [claim.amount_minor, CAP_MINOR.fetch(claim.reason)].min
    end

    def needs_second_approval?(claim)
      payable_minor(claim) >= SECOND_PAIR_OF_EYES_MINOR
    end
  end
end
