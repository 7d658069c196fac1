# frozen_string_literal: true

RSpec.describe Backoffice::Permissions do
  subject(:permissions) { described_class.new }

  it "lets leads approve" do
    expect(permissions.allowed?(employee("lead"), :approve)).to be(true)
  end

  it "keeps refunds to finance" do
    expect(permissions.allowed?(employee("finance"), :refund)).to be(true)
    expect(permissions.allowed?(employee("lead"), :refund)).to be(false)
  end

  it "allows nothing to unknown roles" do
    expect { permissions.require!(employee("guest"), :read) }
      .to raise_error(described_class::Denied, "guest.one may not read")
  end
end
