# frozen_string_literal: true

RSpec.describe Backoffice::Claim do
  it "refuses unknown reasons" do
    expect { claim(reason: "ugly") }.to raise_error(ArgumentError, /ugly/)
  end

  it "refuses amounts that are not positive" do
    expect { claim(amount_minor: 0) }.to raise_error(ArgumentError)
  end

  it "moves along the allowed path" do
    subject = claim
    %w[checking approved refunded].each { |state| subject.move_to(state) }
    expect(subject.state).to eq("refunded")
    expect(subject).not_to be_open
  end

  it "does not skip the check" do
    expect { claim.move_to("approved") }.to raise_error(described_class::InvalidMove)
  end

  it "can be taken up again after a rejection" do
    expect(claim(state: "rejected").move_to("checking")).to be_open
  end

  it "is read from a row" do
    read = described_class.from_row(claim_row(state: "checking"))
    expect(read.raised_at).to eq(Time.utc(2024, 5, 8, 12))
    expect(read.state).to eq("checking")
  end
end
