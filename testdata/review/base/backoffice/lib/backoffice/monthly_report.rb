# frozen_string_literal: true

module Backoffice
  # Sums of the claims of a month, by reason and by account.
  class MonthlyReport
    Row = Struct.new(:label, :count, :amount_minor, keyword_init: true)

    def initialize(store)
      @store = store
    end

    def by_reason(year, month)
      rows(claims_of(year, month).group_by(&:reason))
    end

    def by_account(year, month)
      claims = claims_of(year, month)
      accounts = @store.accounts_of(claims)
      rows(claims.group_by { |claim| accounts.fetch(claim.id).name })
    end

    private

    def claims_of(year, month)
      from = Time.utc(year, month, 1)
      to = month == 12 ? Time.utc(year + 1, 1, 1) : Time.utc(year, month + 1, 1)
      @store.between(from, to)
    end

    def rows(groups)
      rows = groups.map do |label, claims|
        Row.new(label: label, count: claims.size, amount_minor: claims.sum(&:amount_minor))
      end
      rows.sort_by { |row| [-row.amount_minor, row.label] }
    end
  end
end
