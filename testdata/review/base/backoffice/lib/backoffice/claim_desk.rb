# frozen_string_literal: true

require_relative "permissions"
require_relative "refund_policy"

module Backoffice
  # What employees do with claims. Every step checks who is asking.
  class ClaimDesk
    class TooLate < StandardError; end
    class SameApprover < StandardError; end

    def initialize(store:, audit:, payments:, policy: RefundPolicy.new, permissions: Permissions.new)
      @store = store
      @audit = audit
      @payments = payments
      @policy = policy
      @permissions = permissions
    end

    def check(employee, claim_id)
      step(employee, :check, claim_id, "checking") do |claim|
        raise TooLate, "claim #{claim.id}" unless @policy.in_time?(claim, @store.delivered_at(claim))
      end
    end

    def approve(employee, claim_id, seconded_by: nil)
      step(employee, :approve, claim_id, "approved") do |claim|
        next unless @policy.needs_second_approval?(claim)
        raise SameApprover, "claim #{claim.id}" if seconded_by.nil? || seconded_by == employee

        @permissions.require!(seconded_by, :approve)
      end
    end

    def reject(employee, claim_id)
      step(employee, :reject, claim_id, "rejected")
    end

    def refund(employee, claim_id)
      step(employee, :refund, claim_id, "refunded") do |claim|
        @payments.pay_out(reference: "claim-#{claim.id}", amount_minor: @policy.payable_minor(claim))
      end
    end

    private

    def step(employee, action, claim_id, state)
      @permissions.require!(employee, action)
      claim = @store.find(claim_id)
      before = claim.state
      claim.move_to(state)
      yield claim if block_given?
      @store.save_state(claim, from: before)
      @audit.record(employee, action, claim, from: before, to: state)
      claim
    end
  end
end
