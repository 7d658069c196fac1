# frozen_string_literal: true

require_relative "account"
require_relative "claim"

module Backoffice
  # Claims in the database. The database answers `query(sql, params)` with an
  # array of hashes and `execute(sql, params)` with the number of rows changed.
  class ClaimStore
    class NotFound < StandardError; end
    class Stale < StandardError; end

    COLUMNS = "id, parcel_id, raised_by, reason, amount_minor, state, raised_at"

    def initialize(database)
      @database = database
    end

    def find(id)
      row = @database.query("SELECT #{COLUMNS} FROM claims WHERE id = ?", [id]).first
      raise NotFound, "claim #{id}" unless row

      Claim.from_row(row)
    end

    def in_state(state, limit: 100)
      rows = @database.query(
        "SELECT #{COLUMNS} FROM claims WHERE state = ? ORDER BY raised_at LIMIT ?", [state, limit]
      )
      rows.map { |row| Claim.from_row(row) }
    end

    def between(from, to)
      rows = @database.query(
        "SELECT #{COLUMNS} FROM claims WHERE raised_at >= ? AND raised_at < ? ORDER BY raised_at",
        [from.utc.iso8601, to.utc.iso8601]
      )
      rows.map { |row| Claim.from_row(row) }
    end

    # Changes the state only when nobody else has changed it meanwhile.
    def save_state(claim, from:)
      changed = @database.execute(
        "UPDATE claims SET state = ? WHERE id = ? AND state = ?", [claim.state, claim.id, from]
      )
      raise Stale, "claim #{claim.id} is no longer #{from}" unless changed == 1
    end

    def delivered_at(claim)
      row = @database.query("SELECT dropped_at FROM parcels WHERE id = ?", [claim.parcel_id]).first
      raise NotFound, "parcel #{claim.parcel_id}" unless row

      Time.iso8601(row.fetch("dropped_at"))
    end

    # The accounts of many claims with one query, by claim id.
    def accounts_of(claims)
      return {} if claims.empty?

      marks = (["?"] * claims.size).join(", ")
      rows = @database.query(<<~SQL, claims.map(&:parcel_id))
        SELECT parcels.id AS parcel_id, accounts.id, name, email, currency
        FROM parcels JOIN accounts ON accounts.id = parcels.account_id
        WHERE parcels.id IN (#{marks})
      SQL
      by_parcel = rows.to_h { |row| [row.fetch("parcel_id"), account_from(row)] }
      claims.to_h { |claim| [claim.id, by_parcel[claim.parcel_id]] }
    end

    private

    def account_from(row)
      Account.new(
        id: row.fetch("id"),
        name: row.fetch("name"),
        email: row.fetch("email"),
        currency: row.fetch("currency")
      )
    end
  end
end
