# frozen_string_literal: true

RSpec.describe Backoffice::Notifier do
  let(:transport) { double("transport", deliver: nil) }

  it "mails the customer" do
    expect(described_class.new(transport).state_changed(claim(state: "approved"), account)).to be(true)
    expect(transport).to have_received(:deliver).with(
      a_string_including("To: Maas Books <post@maasbooks.example>", "Subject: Your claim 7")
    )
  end

  it "says nothing about a claim that was just received" do
    expect(described_class.new(transport).state_changed(claim, account)).to be(false)
    expect(transport).not_to have_received(:deliver)
  end
end
