# frozen_string_literal: true

require "time"

module Backoffice
  # A claim for a damaged, lost or late parcel.
  class Claim
    REASONS = %w[damaged lost late].freeze
    MOVES = {
      "received" => %w[checking rejected],
      "checking" => %w[approved rejected],
      "approved" => %w[refunded],
      "rejected" => %w[checking],
      "refunded" => []
    }.freeze

    class InvalidMove < StandardError; end

    attr_reader :id, :parcel_id, :raised_by, :reason, :amount_minor, :state, :raised_at

    def initialize(id:, parcel_id:, raised_by:, reason:, amount_minor:, raised_at:, state: "received")
      raise ArgumentError, "unknown reason #{reason}" unless REASONS.include?(reason)
      raise ArgumentError, "amount must be positive" unless amount_minor.positive?

      @id = id
      @parcel_id = parcel_id
      @raised_by = raised_by
      @reason = reason
      @amount_minor = amount_minor
      @state = state
      @raised_at = raised_at
    end

    def self.from_row(row)
      new(
        id: row.fetch("id"),
        parcel_id: row.fetch("parcel_id"),
        raised_by: row.fetch("raised_by"),
        reason: row.fetch("reason"),
        amount_minor: row.fetch("amount_minor"),
        state: row.fetch("state"),
        raised_at: Time.iso8601(row.fetch("raised_at"))
      )
    end

    def move_to(state)
      raise InvalidMove, "#{@state} to #{state}" unless MOVES.fetch(@state).include?(state)

      @state = state
      self
    end

    def open?
      !%w[rejected refunded].include?(state)
    end
  end
end
