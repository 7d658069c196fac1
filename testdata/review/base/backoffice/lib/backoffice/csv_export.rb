# frozen_string_literal: true

module Backoffice
  # Claims as CSV for spreadsheets.
  class CsvExport
    HEADER = %w[claim parcel reason amount state raised_at].freeze
    FORMULA_START = /\A[=+\-@\t]/

    def call(claims)
      ([HEADER] + claims.map { |claim| row(claim) }).map { |cells| line(cells) }.join
    end

    private

    def row(claim)
      [
        claim.id,
        claim.parcel_id,
        claim.reason,
        format("%<major>d.%<minor>02d", major: claim.amount_minor / 100, minor: claim.amount_minor % 100),
        claim.state,
        claim.raised_at.utc.iso8601
      ]
    end

    def line(cells)
      "#{cells.map { |cell| quote(cell.to_s) }.join(',')}\r\n"
    end

    # A leading quote keeps spreadsheets from running a cell as a formula.
    def quote(text)
      text = "'#{text}" if text.match?(FORMULA_START)
      return text unless text.match?(/[",\r\n]/)

      "\"#{text.gsub('"', '""')}\""
    end
  end
end
