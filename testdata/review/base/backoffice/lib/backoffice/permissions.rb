# frozen_string_literal: true

module Backoffice
  # Who may do what.
  class Permissions
    class Denied < StandardError; end

    ALLOWED = {
      "clerk" => %i[read check],
      "lead" => %i[read check approve reject],
      "finance" => %i[read refund report],
      "auditor" => %i[read report audit]
    }.freeze

    def allowed?(employee, action)
      ALLOWED.fetch(employee.role, []).include?(action)
    end

    def require!(employee, action)
      return if allowed?(employee, action)

      raise Denied, "#{employee.login} may not #{action}"
    end
  end
end
