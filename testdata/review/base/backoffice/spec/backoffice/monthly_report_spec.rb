# frozen_string_literal: true

RSpec.describe Backoffice::MonthlyReport do
  let(:store) { instance_double(Backoffice::ClaimStore) }

  it "sums by reason, largest first" do
    allow(store).to receive(:between).and_return(
      [claim, claim(id: 8, reason: "lost", amount_minor: 9_000), claim(id: 9)]
    )
    rows = described_class.new(store).by_reason(2024, 5)
    expect(rows.map(&:to_a)).to eq([["damaged", 2, 9_000], ["lost", 1, 9_000]])
  end

  it "asks for the whole of December" do
    allow(store).to receive(:between).and_return([])
    described_class.new(store).by_reason(2024, 12)
    expect(store).to have_received(:between).with(Time.utc(2024, 12, 1), Time.utc(2025, 1, 1))
  end

  it "sums by account" do
    claims = [claim, claim(id: 8)]
    allow(store).to receive_messages(between: claims, accounts_of: { 7 => account, 8 => account })
    expect(described_class.new(store).by_account(2024, 5).map(&:to_a)).to eq([["Maas Books", 2, 9_000]])
  end
end
