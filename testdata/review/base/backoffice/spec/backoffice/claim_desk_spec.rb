# frozen_string_literal: true

RSpec.describe Backoffice::ClaimDesk do
  subject(:desk) { described_class.new(store: store, audit: audit, payments: payments) }

  let(:store) { instance_double(Backoffice::ClaimStore, save_state: nil) }
  let(:audit) { instance_double(Backoffice::AuditLog, record: nil) }
  let(:payments) { double("payments", pay_out: nil) }

  def stored(found)
    allow(store).to receive(:find).with(7).and_return(found)
  end

  it "takes a claim in for checking" do
    stored(claim)
    allow(store).to receive(:delivered_at).and_return(Time.utc(2024, 5, 2))
    desk.check(employee("clerk"), 7)
    expect(store).to have_received(:save_state).with(anything, from: "received")
    expect(audit).to have_received(:record).with(anything, :check, anything, from: "received", to: "checking")
  end

  it "refuses claims that come too late" do
    stored(claim)
    allow(store).to receive(:delivered_at).and_return(Time.utc(2024, 4, 1))
    expect { desk.check(employee("clerk"), 7) }.to raise_error(described_class::TooLate)
    expect(store).not_to have_received(:save_state)
  end

  it "keeps clerks from approving" do
    expect { desk.approve(employee("clerk"), 7) }.to raise_error(Backoffice::Permissions::Denied)
  end

  it "needs two different leads for a large claim" do
    stored(claim(amount_minor: 30_000, state: "checking"))
    lead = employee("lead")
    expect { desk.approve(lead, 7, seconded_by: lead) }.to raise_error(described_class::SameApprover)
    stored(claim(amount_minor: 30_000, state: "checking"))
    expect(desk.approve(lead, 7, seconded_by: employee("lead", login: "lead.two")).state).to eq("approved")
  end

  it "pays the capped amount" do
    stored(claim(amount_minor: 90_000, state: "approved"))
    desk.refund(employee("finance"), 7)
    expect(payments).to have_received(:pay_out).with(reference: "claim-7", amount_minor: 50_000)
  end

  it "does not refund for a lead" do
    expect { desk.refund(employee("lead"), 7) }.to raise_error(Backoffice::Permissions::Denied)
    expect(payments).not_to have_received(:pay_out)
  end
end
