# frozen_string_literal: true

RSpec.describe Backoffice::RefundPolicy do
  subject(:policy) { described_class.new }

  let(:delivered_at) { Time.utc(2024, 5, 1, 12) }

  it "accepts a claim until the last moment" do
    expect(policy.in_time?(claim(raised_at: Time.utc(2024, 5, 8, 12)), delivered_at)).to be(true)
    expect(policy.in_time?(claim(raised_at: Time.utc(2024, 5, 8, 12, 0, 1)), delivered_at)).to be(false)
  end

  it "gives lost parcels more time" do
    raised = claim(reason: "lost", raised_at: Time.utc(2024, 6, 30, 12))
    expect(policy.in_time?(raised, delivered_at)).to be(true)
  end

  it "pays no more than the cap" do
    expect(policy.payable_minor(claim(amount_minor: 90_000))).to eq(50_000)
    expect(policy.payable_minor(claim(reason: "late", amount_minor: 2_000))).to eq(1_500)
    expect(policy.payable_minor(claim(amount_minor: 4_500))).to eq(4_500)
  end

  it "asks for a second approval from 200.00 on" do
    expect(policy.needs_second_approval?(claim(amount_minor: 19_999))).to be(false)
    expect(policy.needs_second_approval?(claim(amount_minor: 20_000))).to be(true)
  end
end
