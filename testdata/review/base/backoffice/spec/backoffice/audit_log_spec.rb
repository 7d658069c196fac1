# frozen_string_literal: true

require "stringio"

RSpec.describe Backoffice::AuditLog do
  it "writes a JSON line" do
    io = StringIO.new
    log = described_class.new(io, clock: -> { Time.utc(2024, 5, 8, 12) })
    log.record(employee("lead"), :approve, claim, from: "checking", to: "approved")
    expect(JSON.parse(io.string)).to eq(
      "at" => "2024-05-08T12:00:00Z", "login" => "lead.one", "action" => "approve",
      "claim" => 7, "from" => "checking", "to" => "approved"
    )
  end
end
