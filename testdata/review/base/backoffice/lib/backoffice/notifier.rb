# frozen_string_literal: true

require_relative "../../vendor/plainmail/plainmail"

module Backoffice
  # Mails customers about their claims.
  class Notifier
    TEXTS = {
      "checking" => "We are looking into your claim.",
      "approved" => "Your claim was approved. The refund follows within five days.",
      "rejected" => "We cannot accept your claim.",
      "refunded" => "The refund for your claim is on its way."
    }.freeze

    def initialize(transport, from: "claims@harbourline.example")
      @transport = transport
      @from = from
    end

    def state_changed(claim, account)
      text = TEXTS[claim.state]
      return false unless text

      @transport.deliver(
        Plainmail.message(
          from: @from,
          to: account.mailbox,
          subject: "Your claim #{claim.id}",
          body: "Dear #{account.name},\n\n#{text}\n\nHarbourline\n"
        )
      )
      true
    end
  end
end
